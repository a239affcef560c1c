import type { OracleStrategy } from '@assay/oracle/strategy.ts'

/** Joins, is drawn, and never does anything. */
export function silent(): OracleStrategy {
  return { silent: true }
}
