/**
 * An attachment: shows a dialog above everything for as long as it is mounted, with the rest of the page out of reach.
 * The focus then goes back to where it was.
 */
export function showAsModal(dialog: HTMLDialogElement): () => void {
  const before = document.activeElement;
  dialog.showModal();
  return () => {
    // One that was closed by Escape has given it back already; since then the person may have gone on.
    if (dialog.open && before instanceof HTMLElement) before.focus();
  };
}
