import type { Mode } from '@assay/engine/package/mode.ts'

const PPM_PER_PERCENT = 10_000
const BPS_PER_PERCENT = 100

/** What a task's mode asks of training. */
export function modeText(mode: Mode): string {
  if (mode === 'exact') return 'exact: a window trained again is the same bits, a false step costs stake'
  const { relativeL2Ppm, tolerantBps } = mode
  return `tolerant: a window may end up to ${relativeL2Ppm / PPM_PER_PERCENT} % of what it changes from its replay, and costs no stake; a step counts for ${tolerantBps / BPS_PER_PERCENT} %`
}
