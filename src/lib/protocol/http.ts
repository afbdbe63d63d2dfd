import * as v from 'valibot';

/** The relay's few HTTP exchanges beside the channel. All need the session's cookie and key, except the sign-in itself. */

/** POST /session: the token of the printed link, once, for a cookie. */
export const signInSchema = v.object({ token: v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{22,64}$/)) });

/** Its answer: what the page shows beside the cookie, which other servers of this host get, too. */
export const signedInSchema = v.object({ key: v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{43}$/)) });

/** GET /session: what a page may know of the other sign-ins. */
export const sessionSchema = v.object({
  /** Several people use the relay: a page can sign out its own browser only. */
  shared: v.boolean(),
  /** Sign-ins of the same person beside this one; 0 on a shared relay. */
  others: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
});
export type Session = v.InferOutput<typeof sessionSchema>;

/** DELETE /session and DELETE /session/others: how many sign-ins ended. */
export const signedOutSchema = v.object({ count: v.pipe(v.number(), v.safeInteger(), v.minValue(0)) });

/** A device that the relay can reach. The page names it by `id`, never by host and port. */
export const targetSchema = v.object({
  id: v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{1,64}$/)),
  /** As it was typed: `root@192.0.2.7`, `eve-lab`. */
  address: v.pipe(v.string(), v.maxLength(300)),
  label: v.pipe(v.string(), v.maxLength(100)),
  /** True for the built-in practice devices. */
  simulated: v.boolean(),
  /** True for those that a page added: a page can remove them again. */
  removable: v.boolean(),
  /** One word that ssh, cros deploy and deploy_to_termina take. */
  destination: v.pipe(v.string(), v.maxLength(300)),
  /** A person said that it runs a very old image: SHA-1 and CBC will do. */
  oldAlgorithms: v.boolean(),
});
export type Target = v.InferOutput<typeof targetSchema>;

/** GET /targets. With `fixed` pages can neither add nor remove any. */
export const targetsSchema = v.object({ targets: v.array(targetSchema), fixed: v.boolean() });
export type TargetList = v.InferOutput<typeof targetsSchema>;

/** POST /targets */
export const addTargetSchema = v.object({
  address: v.pipe(v.string(), v.maxLength(300)),
  oldAlgorithms: v.optional(v.boolean()),
});

/** PUT /targets/ID/old-algorithms: whether SHA-1 and CBC will do for an added target. */
export const oldAlgorithmsSchema = v.object({ allowed: v.boolean() });

/** PUT /targets/ID/host-key: trust exactly this key, the one last offered. */
export const trustHostKeySchema = v.object({ fingerprint: v.pipe(v.string(), v.maxLength(60)) });

/** Every refusal's body. */
export const refusalSchema = v.object({ problem: v.pipe(v.string(), v.maxLength(1000)) });
