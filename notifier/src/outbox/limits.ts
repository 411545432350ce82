/** Every bound of the outbox, by name. */

/** A claimed delivery is due again after this: above every channel's timeout. */
export const claimMs = 20_000;
/** More that nobody tried yet, for one channel, become a digest. */
export const oneByOneMax = 5;
/** Failures in a row that open the circuit of a channel. */
export const failsMax = 5;
/** An open circuit lets one try pass each time this is over. */
export const probeEveryMs = 60_000;
/** A critical delivery nobody accepted for this long goes elsewhere, too. */
export const patienceMs = 30_000;
/** Deliveries looked at in one round of failover. */
export const failoverMax = 100;
/** Accepted and dead deliveries are kept for a look. */
export const keepSeconds = 30 * 86_400;
/** Deliveries that can be listed; older ones are found by their alert. */
export const recentMax = 10_000;
/** Of those, looked at for one page when few fit a filter. */
export const lookMax = 2000;
/** Characters of a provider's raw answer that are kept. */
export const answerMax = 2000;
/** Who routes must say so again within this. */
export const leaseMs = 3000;
