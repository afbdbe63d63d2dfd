// Runs before the first paint, so that a dark page never flashes white. Reads what state/theme.svelte.ts stores.
const stored = localStorage.getItem('crostini-workbench:theme');
const dark = stored === '"dark"' || (stored !== '"light"' && matchMedia('(prefers-color-scheme: dark)').matches);
document.documentElement.classList.toggle('dark', dark);
document.documentElement.style.colorScheme = dark ? 'dark' : 'light';
