/**
 * 2019-01-01: what was issued and matured before it is trained on, what was
 * issued from it on is judged.
 */
export const splitDay = Date.parse("2019-01-01T00:00:00Z") / 86_400_000;
