import * as v from 'valibot';

/**
 * The messages between the relay and the process of the practice devices. Both ends check them: the process runs the
 * commands of strangers, so the relay trusts it no more than a device.
 */

/** Devices of one process; the relay brings two. */
const DEVICES_MAX = 8;

/** Longest text of a message, in characters: a host key has 400 of them, a reason is a sentence. */
const TEXT_MAX = 4096;

const text = v.pipe(v.string(), v.maxLength(TEXT_MAX));
const port = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65535));

const deviceSchema = v.strictObject({
  arch: v.picklist(['x86_64', 'aarch64']),
  /** Private key, PEM or OpenSSH. */
  hostKey: text,
  /** 0: any free one. */
  port: v.union([v.literal(0), port]),
});
export type DeviceToStart = v.InferOutput<typeof deviceSchema>;

/** To the process: `start` once, then a `ping` now and then. */
export const toProcessSchema = v.variant('type', [
  v.strictObject({
    type: v.literal('start'),
    devices: v.pipe(v.array(deviceSchema), v.minLength(1), v.maxLength(DEVICES_MAX)),
    password: text,
    /** Resident memory at which the process ends itself, in bytes. */
    memoryMax: v.pipe(v.number(), v.integer(), v.minValue(1)),
  }),
  v.strictObject({ type: v.literal('ping') }),
]);
export type ToProcess = v.InferOutput<typeof toProcessSchema>;

/** From the process: `listening` or `failed` once, then a `pong` for each `ping`. */
export const fromProcessSchema = v.variant('type', [
  /** One port for each device of `start`, in its order. */
  v.strictObject({ type: v.literal('listening'), ports: v.pipe(v.array(port), v.maxLength(DEVICES_MAX)) }),
  v.strictObject({ type: v.literal('failed'), reason: text }),
  v.strictObject({ type: v.literal('pong') }),
]);
export type FromProcess = v.InferOutput<typeof fromProcessSchema>;
