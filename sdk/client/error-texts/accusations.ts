import { type ErrorText, text, time } from './text.ts'

const isZero = (value: unknown): boolean => BigInt(value as bigint) === 0n

/** Errors of Accusations. */
export const ACCUSATIONS_TEXTS: Record<string, ErrorText> = {
  Accusations_OnlyDeployer: text(
    (v) => `Only the deployer ${v.deployer} can connect the court, not ${v.caller}.`,
    'Connect with the deployer key; users never need this call.',
  ),
  Accusations_OnlyWindows: text(
    (v) => `Only the contract ${v.windows} can open cases about windows, not ${v.caller}.`,
    'Ask for a window there: requestWindow, or accuseReadStep as its reader.',
  ),
  Accusations_OnlyCanaries: text(
    (v) => `Only the contract ${v.canaries} says what has no opening, not ${v.caller}.`,
    'Open the canary there.',
  ),
  Accusations_AlreadyConnected: text(
    (v) => `The contract is connected already, to court ${v.court}.`,
    'Nothing is left to do: it can be connected once only.',
  ),
  Accusations_NotAContract: text(
    (v) => `${v.account} has no code.`,
    'Give the address of a deployed contract.',
  ),
  Accusations_WrongPage: text(
    (v) =>
      isZero(v.stored)
        ? 'The chain has no such page of submissions.'
        : `This page of submissions has digest ${v.given}, the one on chain is ${v.stored}.`,
    'Give all submissions of the page in order, from the events of that round.',
  ),
  Accusations_NotItsSubmission: text(
    (v) => `Submission ${v.index} is that of ${v.given}, not of ${v.needed}.`,
    'Give the index of the submission of the accused account.',
  ),
  Accusations_WrongStatement: text(
    (v) =>
      isZero(v.stored)
        ? 'The validator said nothing in that round and attempt.'
        : `This statement gives ${v.given}, what the chain keeps is ${v.stored}.`,
    "Give the reveal and all votes as the validator's transactions have them, in order.",
  ),
  Accusations_WrongRecord: text(
    (v) =>
      isZero(v.stored)
        ? 'The chain keeps no record of that round any more.'
        : `This record gives ${v.given}, what the chain keeps is ${v.stored}.`,
    'Give the roster, the base model and all settled cohorts from the events of that round, in order.',
  ),
  Accusations_Unopenable: text(
    (v) =>
      `${v.contributor} submitted a canary to round ${v.round} of task ${v.taskId} that is proven to have no opening.`,
    'Nothing is left to do: its owner gave the pay back, and nobody can be asked for what is not there.',
  ),
  Accusations_LengthMismatch: text(
    (v) => `Two lists that belong together have ${v.first} and ${v.second} entries.`,
    'Give lists of the same length.',
  ),
  Accusations_OutOfRange: text(
    (v) => `The ${v.what} at ${v.position} doesn't exist: there are ${v.count}, counted from 0.`,
    'Give a position below that number.',
  ),
  Accusations_EntryIsJudgement: text(
    (v) => `Entry ${v.entry} is no score: it says that the update wasn't audited or that a gate failed.`,
    'Accuse an entry that has a quality.',
  ),
  Accusations_WrongState: text(
    (v) => `State ${v.stateHash} isn't at place ${v.position} of the state tree.`,
    "Give the hash and the proof from the contributor's evidence.",
  ),
  Accusations_NotInRoster: text(
    (v) => `${v.account} had no weight in the frozen roster of that round.`,
    'Accuse a validator of that round.',
  ),
  Accusations_NotItsVote: text(
    (v) => `${v.account} had no seat for cohort ${v.cohort}, or its vote there is another one.`,
    'Accuse a member of that committee of the vote that it cast.',
  ),
  Accusations_NotTheScorer: text(
    (v) => `${v.caller} isn't the accused of an open case ${v.caseId} about a score, with these facts.`,
    'Only who is accused of a false score says where the update is.',
  ),
  Accusations_TooLateToDeclare: text(
    (v) => `The jurors of case ${v.caseId} have looked for the update already.`,
    "Say where it is before the panel's commitments end; an appeal gives another time.",
  ),
  Accusations_AlreadyCommitted: text(
    (v) => `This account has committed to ${v.digest} before.`,
    'Open the case with it, or commit again with another salt.',
  ),
  Accusations_NotCommitted: text(
    (v) =>
      isZero(v.committedAt)
        ? `The challenger hasn't committed to this accusation: ${v.digest} isn't on chain.`
        : `The commitment ${v.digest} is of block ${v.committedAt} and lasts until ${time(v.expiresAt)}: it counts from the next block to that time.`,
    'Commit to the accusation with a fresh salt, and open the case in a later block, within an hour.',
  ),
  Accusations_RoundNotOpenToCases: text(
    (v) =>
      isZero(v.closedAt)
        ? `Round ${v.round} of task ${v.taskId} isn't closed yet, or the chain has forgotten it.`
        : `Round ${v.round} of task ${v.taskId} closed at ${time(v.closedAt)} and can't be judged: it was never sealed, or is final since ${time(v.finalAt)}.`,
    'Accuse while a sealed round is closed and not final.',
  ),
  Accusations_NoKeys: text(
    (v) => `The announcement for panel ${v.panelId} of case ${v.caseId} names no blob: its hash is 0.`,
    'Give the sha256 of the blob with the encrypted keys.',
  ),
  Accusations_UnknownStatement: text(
    (v) => `No validator signs statements of kind ${v.kind}.`,
    'Give two votes (1), or two commitments to sheets (2).',
  ),
  Accusations_SameStatement: text(
    (v) => `Both signatures are of the value ${v.value}.`,
    'Give two different values for one slot.',
  ),
  Accusations_OtherSigner: text(
    (v) => `The first signature is of ${v.first}, the second one of ${v.second}.`,
    'Give two signatures of one key, for this chain, contract, task, round and slot.',
  ),
  Accusations_NotItsEntry: text(
    (v) => `This entry is about submission ${v.given}, not about ${v.needed}.`,
    'Give the member of the cohort that the accused submission is.',
  ),
  Accusations_NoSeat: text(
    (v) => `${v.account} had no seat in the committee of cohort ${v.cohort}.`,
    'Only seats of that committee can have read its windows.',
  ),
  Accusations_NothingWithheld: text(
    (v) =>
      `Seat ${v.seat} says nothing in entry ${v.entry} of a withheld window that is drawn window ${v.drawn}.`,
    'Ask for a window that your seat had to replay or to look at, and that its sheet says was withheld.',
  ),
  Accusations_NoSecondSeat: text(
    (v) =>
      `The sheet of ${v.validator} in attempt ${v.attempt} is the caller's own, or of another committee.`,
    'Name another seat of the committee in which you sat, or none: then you alone pay readers who get the window.',
  ),
  Accusations_NoStepCase: text(
    (v) => `Case ${v.caseId} isn't about a false step.`,
    'Only in a case about a step can a seat be accused of claiming that it replayed the window.',
  ),
  Accusations_NoPassClaimed: text(
    (v) => `Entry ${v.entry} of seat ${v.seat} doesn't claim that it replayed drawn window ${v.drawn}.`,
    'Accuse the seat that had to replay that window, if it claims to have replayed all of its windows.',
  ),
  Accusations_RoundOfWindowUnknown: text(
    (v) =>
      `Round ${v.round} is the last one of task ${v.taskId}: drawn window ${v.drawn} may be of a round whose pay was held.`,
    'In a last round only the first of several drawn windows can be asked for.',
  ),
  Accusations_NoMismatch: text(
    (v) => `Case ${v.caseId} isn't one in which readers found a window that differs.`,
    'Name a case about a withheld window that ended so.',
  ),
  Accusations_NotAReader: text(
    (v) => `${v.caller} had no seat at place ${v.place} of panel ${v.instance} of case ${v.caseId}.`,
    'Call with the account of a reader of that case, and its own place.',
  ),
  Accusations_OtherWindow: text(
    (v) => `The case is about window ${v.needed}, not ${v.given}.`,
    'Name the window that the case is about.',
  ),
  Accusations_TooLate: text(
    (v) => `A reader of case ${v.caseId} could accuse until ${time(v.deadline)}.`,
    'Nothing is left to do: accuse sooner after the verdict.',
  ),
}
