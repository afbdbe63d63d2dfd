/** A port forward as its table shows it. */
export interface ForwardRow {
  readonly key: string;
  readonly label: string;
  /** Whose it is, where it is not the page's own device. */
  readonly device: string | undefined;
  /** `host:port` as the device sees it. */
  readonly remote: string;
  /** `localhost:PORT`, while it is open. */
  readonly local: string | undefined;
  /** `localhost:PORT`, once it is closed. */
  readonly wasLocal: string | undefined;
  /** The command that uses it. */
  readonly command: string | undefined;
  readonly state: 'ok' | 'warn' | 'bad' | 'busy';
  readonly word: string;
  /** Connections and bytes, once there were any. */
  readonly traffic: string | undefined;
  readonly problem: { readonly title: string; readonly message: string; readonly advice: string } | undefined;
  /** It can be opened again, or taken back: what the button says. */
  readonly again: string | undefined;
  /** Its local port cannot be had: another one is offered. */
  readonly offersFreePort: boolean;
}

/** What the form asks for. */
export interface ForwardWish {
  readonly label: string;
  readonly host: string;
  readonly port: number;
  /** 0: any that is free. */
  readonly localPort: number;
  readonly use: string | undefined;
}

/** The local port that a wish asked for cannot be had. */
export interface PortRefusal {
  readonly localPort: number;
  /** The reason, and what to do. */
  readonly text: string;
}

/** What the form starts from. */
export interface ForwardDraft {
  readonly id: string;
  readonly label: string;
  readonly host: string;
  readonly port: string;
  /** Empty: any that is free. */
  readonly localPort: string;
  readonly use: string | undefined;
  readonly help: string;
}
