import type { OracleBehaviour } from '@assay/oracle/behaviour.ts'

/** Joins, is drawn, and never does anything. */
export function silent(): OracleBehaviour {
  return { silent: true }
}
