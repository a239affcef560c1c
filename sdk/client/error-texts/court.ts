import { zeroAddress } from 'viem'
import { assays, type ErrorText, text, time } from './text.ts'

const KINDS = [
  'nothing',
  'a withheld opening',
  'a false step',
  'a false score',
  'a false aggregate',
  'a false model',
  'an update that nobody can get',
  'two statements',
  'a withheld window',
  'a claimed pass',
]
const kind = (value: unknown): string => KINDS[Number(value)] ?? `kind ${value}`
const VERDICTS = ['none', 'guilty', 'acquitted', 'dismissed', 'answered', 'annulled', 'unavailable']
const verdict = (value: unknown): string => VERDICTS[Number(value)] ?? `${value}`
const isZero = (value: unknown): boolean => BigInt(value as bigint) === 0n
/** Parameters of a court's deployment in wei of ASSAY; all others are seconds. */
const AMOUNTS = new Set(['minBond', 'answerRefund'])
const bounds = (v: Record<string, unknown>): string[] =>
  AMOUNTS.has(`${v.parameter}`)
    ? assays(v.value, v.minimum, v.maximum)
    : [v.value, v.minimum, v.maximum].map((seconds) => `${seconds} s`)

/** Errors of Court. */
export const COURT_TEXTS: Record<string, ErrorText> = {
  Court_OutOfBounds: text(
    (v) => {
      const [value, minimum, maximum] = bounds(v)
      return `${v.parameter} is ${value}, outside ${minimum} … ${maximum}.`
    },
    (v) => {
      const [, minimum, maximum] = bounds(v)
      return `Deploy with a value between ${minimum} and ${maximum}.`
    },
  ),
  Court_NotAContract: text((v) => `${v.account} has no code.`, 'Give the address of a deployed contract.'),
  Court_TooSlow: text(
    (v) => `The longest ${v.step} takes ${v.longestSeconds} s, and ${v.allowedSeconds} s are allowed.`,
    (v) =>
      v.step === 'settlement'
        ? `Bind jurors for at least ${v.longestSeconds} seconds.`
        : 'Shorten the times of the court or of the jury, or deploy the tasks contract with longer ones.',
  ),
  Court_OnlyAccusations: text(
    (v) => `Only the contract ${v.accusations} opens cases, not ${v.caller}.`,
    'Accuse there: it proves first what the account said.',
  ),
  Court_WrongOpening: text(
    (v) => `These fields have the commitment ${v.given}, the one on chain is ${v.stored}.`,
    'Give the fields that the contributor committed to in that round.',
  ),
  Court_ChallengerBarred: text(
    (v) => `${v.challenger} has lost a case about this charge (${v.charge}).`,
    'Nobody loses twice about one charge: leave it to others.',
  ),
  Court_OffenceDecided: text(
    (v) =>
      `This is decided already (${v.offence}): punished, answered, asked for, found right by a jury, or a canary without an opening.`,
    'Nothing is left to do.',
  ),
  Court_WrongKind: text(
    (v) => `Case ${v.caseId} is about ${kind(v.kind)}, and this call isn't.`,
    'Make the call that belongs to this kind of case.',
  ),
  Court_HasVerdict: text(
    (v) => `Case ${v.caseId} has its verdict: ${verdict(v.verdict)}.`,
    'Execute a verdict of guilty when its time has come; all others are carried out.',
  ),
  Court_NoVerdict: text(
    (v) => `Case ${v.caseId} has no verdict of guilty.`,
    'Conclude the case first; only a verdict of guilty is executed or suspended.',
  ),
  Court_TooEarly: text(
    (v) =>
      isZero(v.readyAt)
        ? `The panel of case ${v.caseId} isn't drawn yet.`
        : `It is too early for case ${v.caseId}: this can be done from ${time(v.readyAt)}.`,
    (v) => (isZero(v.readyAt) ? 'Draw the panel first: anyone can.' : `Try again after ${time(v.readyAt)}.`),
  ),
  Court_TooLate: text(
    (v) => `It is too late for case ${v.caseId}: this could be done until ${time(v.deadline)}.`,
    'Conclude or execute the case; anyone can.',
  ),
  Court_LastInstance: text(
    (v) => `All jurors have judged case ${v.caseId}: nothing is above them.`,
    'Conclude the case.',
  ),
  Court_WrongFacts: text(
    (v) =>
      isZero(v.stored)
        ? `There is no case ${v.caseId}.`
        : `These facts have hash ${v.given}, those of case ${v.caseId} have ${v.stored}.`,
    'Give the facts exactly as the event CaseOpened has them.',
  ),
  Court_IsClosed: text((v) => `Case ${v.caseId} is closed.`, 'Nothing is left to do.'),
  Court_NotClosed: text(
    (v) => `Case ${v.caseId} isn't closed yet.`,
    'Conclude it, and execute a verdict of guilty, first; anyone can.',
  ),
  Court_OnlyGuardian: text(
    (v) =>
      v.guardian === zeroAddress
        ? `Nobody can suspend a verdict in this deployment, also not ${v.caller}.`
        : `Only the guardian ${v.guardian} suspends a verdict, not ${v.caller}.`,
    'Appeal before the verdict instead.',
  ),
  Court_NotAnnulled: text(
    (v) => `More than half of all jurors' weight hasn't annulled the verdict of case ${v.caseId}.`,
    'Wait for their votes, or execute the verdict when it is due.',
  ),
  Court_Annulled: text(
    (v) => `All jurors have annulled the verdict of case ${v.caseId}.`,
    'Annul the case instead: anyone can.',
  ),
  Court_SuspendedBefore: text(
    (v) => `The verdict of case ${v.caseId} was suspended before.`,
    'Nothing is left to do: a verdict is suspended once only.',
  ),
  Court_NotADefendant: text(
    (v) => `${v.account} isn't accused in case ${v.caseId}, or its part of it has ended.`,
    'Name an account that the case accuses and that was not dealt with yet.',
  ),
  Court_AlreadyADefendant: text(
    (v) => `${v.account} is accused in case ${v.caseId} already.`,
    'Nothing is left to do.',
  ),
  Court_NoSeatToSettle: text(
    (v) => `Panel ${v.instance} of case ${v.caseId} has no seat at place ${v.place} that is to be settled.`,
    'Settle each drawn seat once: the event PanelDrawn names them.',
  ),
  Court_NothingOwed: text((v) => `The court owes ${v.account} nothing.`, 'Nothing is left to do.'),
  Court_OnlyDepositor: text(
    (v) => `${v.account} has deposited ASSAY for bonds: only itself withdraws that, not ${v.caller}.`,
    'Leave it to the account.',
  ),
  Court_NoReward: text(
    (v) => `No reward for the fault of ${v.defendant} waits for case ${v.caseId}.`,
    'It was paid, or belongs to the case whose challenger committed earlier.',
  ),
  Court_EncryptionKeyLength: text(
    (v) => `The encryption key has ${v.length} bytes, not ${v.minimum} … ${v.maximum}.`,
    "Give the juror's public encryption key.",
  ),
}
