import type { RoundFigures, Tally } from '@assay/lab/federation/figures.ts'
import type { RunResult } from '@assay/lab/runs/run-lab.ts'
import type { QuickLine } from './quick.ts'

const percent = (share: number | null) => (share === null ? '–' : `${(100 * share).toFixed(1)} %`)
const times = (ratio: number | null) => (ratio === null ? '–' : `${ratio.toFixed(2)} ×`)
const of = ({ flagged, audited }: Tally) => `${flagged} of ${audited}`

/** A line for a round. */
export function roundText({ round, accuracy, honest, attackers, keptModel }: RoundFigures): string {
  const kept = keptModel === undefined ? '' : `; the base model stays: ${keptModel}`
  const place = `round ${String(round).padStart(2)}: accuracy ${percent(accuracy)}`
  return `${place}, nothing for ${of(honest)} honest and ${of(attackers)} attackers' audited updates${kept}`
}

/** The figures of a run, for people. */
export function resultText(result: RunResult): string {
  const rows: [string, string][] = [
    ['accuracy', `${percent(result.accuracy)}, without attackers ${percent(result.cleanAccuracy)}`],
    ['recall', percent(result.recall)],
    [
      'false positives',
      `${percent(result.falsePositiveRate)}, of single seats ${percent(result.entryFalsePositiveRate)}`,
    ],
    ['of holders of a rare class', percent(result.rareFalsePositiveRate)],
    ['no decision on honest ones', percent(result.undecidedRate)],
    ["an attacker's pay", `${times(result.attackerPayRatio)} an honest one's`],
    ["an attacker's weight", `${times(result.attackerWeightRatio)} an honest one's`],
    [
      'backdoor',
      `${percent(result.backdoorSuccess)}, without attackers ${percent(result.cleanBackdoorSuccess)}`,
    ],
    ['CPU of all seats', costText(result.verificationCpuSeconds, result.trainingCpuSeconds)],
    [
      'in the first ten rounds',
      costText(result.newcomerVerificationCpuSeconds, result.newcomerTrainingCpuSeconds),
    ],
    ["contributors' overhead", costText(result.overheadCpuSeconds, result.trainingCpuSeconds)],
    ['took', `${result.seconds.toFixed(0)} s`],
  ]
  if (result.validatorPayRatio !== null)
    rows.push(
      ["an attacking validator's pay", `${times(result.validatorPayRatio)} an honest one's, for each entry`],
      ['proved false', `${percent(result.falseEntryRate)} of their entries`],
    )
  if (result.personPayRatio !== null)
    rows.push(["all identities' pay", `${times(result.personPayRatio)} that of one with all samples`])
  return rows.map(([what, text]) => `${what.padEnd(28)}${text}`).join('\n')
}

function costText(seconds: number, training: number): string {
  return `${seconds.toFixed(1)} s, ${times(training === 0 ? null : seconds / training)} the training`
}

/** A run in a line. */
export function shortText(result: RunResult): string {
  const { attack, fraction, partition, dataset, seed } = result
  const place = `${attack.padEnd(17)}${percent(fraction).padStart(7)} ${partition.padEnd(14)}${dataset.padEnd(8)} seed ${seed}:`
  const found = `recall ${percent(result.recall)}, false positives ${percent(result.falsePositiveRate)}`
  const earned = `pay ${times(result.attackerPayRatio)}, weight ${times(result.attackerWeightRatio)}`
  return `${place} accuracy ${percent(result.accuracy)} of ${percent(result.cleanAccuracy)}, ${found}, ${earned}`
}

/** A bar, and whether it is met. */
export function barText({ attack, bar: { what, limit, value, holds }, isKnownMiss }: QuickLine): string {
  const word = holds ? 'met    ' : isKnownMiss ? 'missed, as known' : 'MISSED '
  return `${word} ${attack}: ${what} ${value === null ? '–' : value.toFixed(3)} (${limit})`
}
