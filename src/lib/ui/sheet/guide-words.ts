/** Headings of the guide in one line, as a reader sees them: the catalogue has them with their Markdown. */
export function guideWords(sections: readonly string[]): string {
  return sections.join(', ').replaceAll('\\_', '_');
}
