/** `YYYY-MM-DDTHH:MM:SS.ffffffZ SEVERITY tag: text` (chromeos-facts 3.3). `micros`: 0 to 999, below the millisecond. */
export function formatMessage(at: Date, micros: number, severity: string, tag: string, text: string): string {
  const time = at.toISOString().replace('Z', String(micros).padStart(3, '0') + 'Z');
  return `${time} ${severity} ${tag}: ${text}\n`;
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `Mon _d HH:MM:SS`, RFC 3164. The device's zone is UTC. */
export function formatStamp(at: Date): string {
  const day = String(at.getUTCDate()).padStart(2, ' ');
  return `${months[at.getUTCMonth()] ?? ''} ${day} ${at.toISOString().slice(11, 19)}`;
}

/** `Mon _d HH:MM:SS <PRI>  VM(CID): text`: the priority after the time, two spaces before `VM(` (chromeos-facts 3.2). */
export function formatGuestLine(at: Date, priority: number, cid: number, text: string): string {
  return `${formatStamp(at)} <${String(priority)}>  VM(${String(cid)}): ${text}\n`;
}

/** Seconds since boot as the kernel prints them: `[  812.345678]`. */
export function formatUptime(seconds: number): string {
  return `[${seconds.toFixed(6).padStart(12, ' ')}]`;
}

/** Control characters as vmlog_forwarder stores them: `#` and at least three octal digits (chromeos-facts 3.2). */
export function scrubControls(text: string): string {
  return text.replace(/\p{Cc}/gu, (character) => '#' + character.charCodeAt(0).toString(8).padStart(3, '0'));
}
