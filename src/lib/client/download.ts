/** Saves a text as a file, as if a link had been followed. Nothing goes over the network. */
export function download(fileName: string, text: string, type: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: `${type};charset=utf-8` }));
  const link = document.createElement('a');
  link.href = url;
  link.download = fileName;
  link.click();
  // The browser has taken the content by the time that it runs anything else.
  setTimeout(() => URL.revokeObjectURL(url));
}
