/** `/` goes to the page's search, as on every page that engineers like. For `<svelte:window onkeydown>`. */
export function slashToSearch(event: KeyboardEvent): void {
  if (event.key !== '/' || event.altKey || event.ctrlKey || event.metaKey) return;
  if (!(event.target instanceof Element) || event.target.closest('input, textarea, .xterm, [role=dialog]')) return;
  event.preventDefault();
  document.querySelector<HTMLInputElement>('#page [role=searchbox]')?.focus();
}
