import { ASSAY, amountText } from '@assay/sdk/client/amounts.ts'
import type { AssayReader } from '@assay/sdk/client/clients.ts'
import { withholdingBond, withholdingPenalty } from '@assay/sdk/protocol/cases.ts'
import { commitmentIn } from '@assay/sdk/protocol/page-proof.ts'
import { allowCalls } from '@assay/sdk/verbs/assay-token/allow.ts'
import {
  type AccuseWithholdingParameters,
  accuseWithholding,
  accuseWithholdingCall,
  readPageProof,
  type WithheldOpening,
  withholdingAccusation,
} from '@assay/sdk/verbs/court/accuse-withholding.ts'
import { commitAccusationCall } from '@assay/sdk/verbs/court/commit-accusation.ts'
import { accusationSalt } from '@assay/sdk/verbs/court/open-case.ts'
import { type CourtTerms, readCourtTerms } from '@assay/sdk/verbs/court/read-court-terms.ts'
import { readTaskParams } from '@assay/sdk/verbs/tasks/read-task-params.ts'
import type { StoreOptions } from '@assay/store/store-location.ts'
import type { Command } from 'commander'
import type { Address } from 'viem'
import { BOND_GAS_AT_MOST, requireAccepted } from '../bond.ts'
import { addVerb } from '../command.ts'
import { CliError } from '../failure.ts'
import { durationText, parseAddress, parseTaskId } from '../format.ts'
import { type SenderOptions, senderOf, withTransaction } from '../options.ts'
import { storesOf, withStore } from '../store-options.ts'
import { perform } from '../transaction.ts'
import { wholeNumber } from '../whole-number.ts'
import { openStatementsCase } from './case-open-statements.ts'
import { openStepCase } from './case-open-step.ts'
import { openWindowCase } from './case-open-window.ts'
import { openWordCase } from './case-open-word.ts'

interface OpenOptions extends SenderOptions, StoreOptions {
  round: number
  withheld?: Address
  window?: number
  falseStep?: string
  twoStatements?: string
  score?: Address
  vote?: Address
  cohort?: number
  member?: number
  pool?: string
  package?: string
}

/** `assay case open <task>` */
export function addOpenCase(court: Command): void {
  const command = addVerb(court, {
    usage: 'open <task>',
    summary:
      'Accuse somebody of a withheld opening or window, a false training step, score or vote, or two statements, with a bond.',
    details:
      "From the close of a sealed round to the end of its challenge time. With --withheld: whoever knows the opening's fields can post them until the deadline; then you lose the bond. So name the task's stores: an opening that one of them has isn't accused. Whom nobody answers for loses a tenth of its reserved stake, and you get at most 40 % of that. With --window too: as a validator whose sheet says that this window was withheld, ask for it; readers are drawn who say whether they get it. With --false-step: jurors train the window again from the evidence that an oracle keeps in its data directory, under false-steps. The task's stores get it encrypted, with --unsigned too; once jurors are drawn, give them the key: assay case keys. With --score: jurors compute the entry of its sheet again, by the validator's own draws, from the held-out pool: give its file, which they are shown. With --vote: they apply the rule to what the blob that it voted for names; a vote on the next model, without --cohort, needs the pool, too. Compute it yourself first: who is right costs you the bond. With --two-statements: the two signatures decide it, and its signer loses all of the stake that it had in that round; the file has kind (vote or sheets), slot (of a vote the cohort or model, of sheets the attempt), first, second, firstSignature and secondSignature. The accusation is committed to in one block and shown in a later one, within an hour, so that nobody takes your reward by copying it. With --unsigned the court has to be approved for the bond, and the calls are sent in their order, the last one in a later block; --account says by whom.",
    examples: [
      'assay case open 1 --round 4 --withheld 0x… --store-url http://127.0.0.1:8080 --keystore me.json',
      'assay case open 1 --round 4 --withheld 0x… --window 2 --keystore me.json',
      'assay case open 1 --round 4 --false-step ./me/false-steps/1-4-0x…-2.safetensors --store-url http://127.0.0.1:8080 --keystore me.json',
      'assay case open 1 --round 4 --vote 0x… --cohort 0 --keystore me.json',
    ],
  })
  withStore(withTransaction(command), 'blob server that may have the opening')
    .requiredOption('--round <number>', 'the round that it is about', wholeNumber('--round', 2 ** 32 - 1))
    .option('--withheld <contributor>', 'who keeps its opening back', parseAddress)
    .option(
      '--window <number>',
      'with --withheld: only this window of its training is withheld from you',
      wholeNumber('--window', 2 ** 32 - 1, 0),
    )
    .option('--false-step <file>', 'what an oracle kept of a replay that ended in another state')
    .option('--two-statements <file>', 'JSON with two values that one account signed for one slot')
    .option('--score <validator>', 'whose score is false', parseAddress)
    .option('--vote <validator>', 'whose vote is false', parseAddress)
    .option('--cohort <number>', 'cohort of the score or vote, from 0', wholeNumber('--cohort', 127, 0))
    .option(
      '--member <number>',
      'member of the cohort that was scored, from 0',
      wholeNumber('--member', 15, 0),
    )
    .option('--pool <file>', "the task's held-out pool, for --score and for --vote on the next model")
    .option('--package <folder>', "the task's package (default: fetched from the store)")
    .option('--account <address>', 'with --unsigned: who will send the calls', parseAddress)
    .action(open)
}

async function open(task: string, options: OpenOptions): Promise<void> {
  const { falseStep, withheld: contributor, score, vote, twoStatements } = options
  const taskId = parseTaskId(task)
  const charges = [falseStep, contributor, score, vote, twoStatements]
  if (charges.filter((one) => one !== undefined).length !== 1) {
    throw new CliError(
      'usage',
      'Give one of --withheld, --false-step, --score, --vote and --two-statements.',
      '--withheld names who keeps its opening back, --false-step a file that an oracle kept, --score and --vote a validator, --two-statements a file with two signatures.',
    )
  }
  if (options.window !== undefined && contributor === undefined) {
    throw new CliError('usage', '--window is of a contributor.', 'Name it with --withheld.')
  }
  if (twoStatements !== undefined) return openStatementsCase(taskId, { ...options, twoStatements })
  if (score !== undefined || vote !== undefined) return openWordCase(taskId, options)
  if (falseStep !== undefined) return openStepCase(taskId, { ...options, falseStep })
  if (contributor === undefined) return
  const { round, window } = options
  if (window !== undefined) return openWindowCase({ taskId, round, contributor, window }, options)
  return openWithheldCase({ taskId, round, contributor }, options)
}

async function openWithheldCase(withheld: WithheldOpening, options: OpenOptions): Promise<void> {
  const sender = await senderOf(options)
  await perform(options, async (reader) => {
    const { terms, stake, parameters } = await readAccusation(reader, withheld)
    await requireMissing(options, parameters)
    const { taskId, round, contributor } = withheld
    const { bond } = parameters
    const salt = accusationSalt()
    const accusation = accuseWithholdingCall(reader.deployment, { ...parameters, salt })
    const commitments =
      sender === undefined
        ? []
        : [commitAccusationCall(reader.deployment, { ...withholdingAccusation(withheld, sender), salt })]
    const { assayToken: token, court: spender } = reader.deployment.contracts
    const approval = { token, spender, amount: bond }
    const approvals = sender === undefined ? [] : await allowCalls(reader, { ...approval, owner: sender })
    const said = amountText(bond, ASSAY, 'exact')
    return {
      title: `Accuse ${contributor} of withholding its opening of round ${round} in task ${taskId}`,
      moves: [{ amount: said, from: 'your wallet', to: 'the court, as your bond' }],
      notes: stakesText(terms, { stake, bond, contributor }),
      spends: { token, unit: ASSAY, amount: bond },
      calls: [...approvals, ...commitments, accusation],
      gasAtMost: BOND_GAS_AT_MOST,
      rehearse: () => requireAccepted(reader, accusation, sender),
      send: (client) => accuseWithholding(client, parameters),
      done: ({ caseId }) => ({
        data: { caseId, bond, ...withheld },
        text: `Case ${caseId} is open, with your bond of ${said}. See what comes next: assay case show ${caseId}`,
      }),
    }
  })
}

/** Looks for the opening in the stores that the options name, if any. @throws CliError when one of them has it */
async function requireMissing(
  options: OpenOptions,
  { page, contributor, round }: AccuseWithholdingParameters,
): Promise<void> {
  if (options.storeUrl === undefined && options.storeDir === undefined) return
  // Loaded only here: the other verbs start faster without them.
  const { openStores } = await import('@assay/store/open-store.ts')
  const { fetchOpening } = await import('@assay/store/opening-record.ts')
  const commitment = commitmentIn(page)
  if ((await fetchOpening(await openStores(storesOf(options)), commitment)) === undefined) return
  throw new CliError(
    'failed',
    `A store has the opening of ${contributor} in round ${round}: nothing is withheld.`,
    'Accuse only who keeps its opening back: who posts it in time costs you the bond.',
  )
}

async function readAccusation(
  reader: AssayReader,
  withheld: WithheldOpening,
): Promise<{ terms: CourtTerms; stake: bigint; parameters: AccuseWithholdingParameters }> {
  const params = await readTaskParams(reader, { taskId: withheld.taskId })
  const [terms, page] = await Promise.all([readCourtTerms(reader), readPageProof(reader, withheld)])
  const stake = params.contributorStake
  return { terms, stake, parameters: { ...withheld, page, bond: withholdingBond(stake, terms) } }
}

/** What is lost when. */
function stakesText(
  { openingSeconds, answerRefund }: CourtTerms,
  { stake, bond, contributor }: { stake: bigint; bond: bigint; contributor: Address },
): string[] {
  const refund = amountText(answerRefund < bond / 2n ? answerRefund : bond / 2n, ASSAY, 'up')
  const penalty = amountText(withholdingPenalty(stake), ASSAY)
  const within = durationText(openingSeconds)
  return [
    `If its opening is posted within ${within}, you lose the bond: ${refund} goes to ${contributor} for gas, the rest is burnt`,
    `Else ${contributor} loses ${penalty} of stake, and its pay in the task that isn't mature now`,
    'Then you get the bond back and at most 40 % of what is taken: assay case withdraw',
  ]
}
