// Runs before the first paint, so that a dark page never flashes white. Reads what mode-watcher stores.
const stored = localStorage.getItem('mode-watcher-mode');
const dark = stored === 'dark' || (stored !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
document.documentElement.classList.toggle('dark', dark);
document.documentElement.style.colorScheme = dark ? 'dark' : 'light';
