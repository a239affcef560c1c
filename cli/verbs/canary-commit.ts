import { ASSAY, amountText } from '@assay/sdk/client/amounts.ts'
import type { AssayReader } from '@assay/sdk/client/clients.ts'
import { type CanaryTruth, unopenableCommitment } from '@assay/sdk/protocol/canary.ts'
import { allowCalls } from '@assay/sdk/verbs/assay-token/allow.ts'
import { commitCanary, commitCanaryCall } from '@assay/sdk/verbs/canaries/commit-canary.ts'
import { accusationSalt } from '@assay/sdk/verbs/court/open-case.ts'
import { readRound } from '@assay/sdk/verbs/rounds/read-round.ts'
import { submit, submitCall } from '@assay/sdk/verbs/rounds/submit.ts'
import { readTaskParams } from '@assay/sdk/verbs/tasks/read-task-params.ts'
import type { Command } from 'commander'
import type { Address } from 'viem'
import { BOND_GAS_AT_MOST, requireAccepted } from '../bond.ts'
import {
  type CanaryFile,
  digestIn,
  findCanaryFile,
  readCanaryFile,
  requireHere,
  requireKeyOf,
  writeCanaryFile,
} from '../canary-file.ts'
import { contractOf, findCommitted, parseTruth, truthText } from '../canary-text.ts'
import { addVerb } from '../command.ts'
import { CliError } from '../failure.ts'
import { parseAddress, parseTaskId } from '../format.ts'
import { type KeyOptions, type SenderOptions, senderOf, withTransaction } from '../options.ts'
import { perform } from '../transaction.ts'
import { wholeNumber } from '../whole-number.ts'

interface CommitOptions extends SenderOptions {
  round: number
  contributor: Address
  answer: CanaryTruth
  file: string
}

/** `assay canary commit <task>` */
export function addCommitCanary(canary: Command): void {
  const command = addVerb(canary, {
    usage: 'commit <task>',
    summary: 'Commit to what seats should say of a submission, before its round opens, with a bond.',
    details:
      "The chain gets a hash: neither the contributor nor the answer can be seen. What it hides is written to --file, which nobody else may read: without it the bond is lost. Sign with another key than the contributor's, and pay it from elsewhere, else everybody can guess whose submission it is. The answer helps: honest training on good data. useless: honest training on data with wrong labels, with assay contribute as ever. Two bounds in bps: a quality between them. unopenable: a submission that nothing can open; its contributor sends it with assay canary submit, and does not run assay contribute in that round. Open the canary once all cohorts of the round are done, and before the round is final: you give the pay of the submission back, and get the bond. With the same --file the call can be repeated.",
    examples: [
      'assay canary commit 1 --round 7 --contributor 0x… --answer useless --file canary-7.json --keystore owner.json',
      'assay canary commit 1 --round 8 --contributor 0x… --answer 100-5000 --file canary-8.json --keystore owner.json',
    ],
  })
  withTransaction(command)
    .requiredOption('--round <number>', 'the round, not open yet', wholeNumber('--round', 2 ** 32 - 1))
    .requiredOption('--contributor <address>', 'whose submission it will be', parseAddress)
    .requiredOption('--answer <answer>', 'helps, useless, unopenable, or bounds of the quality', parseTruth)
    .requiredOption('--file <file>', "where the canary's secret is kept")
    .option('--account <address>', 'with --unsigned: who will send the calls', parseAddress)
    .action(commit)
}

async function commit(task: string, options: CommitOptions): Promise<void> {
  const taskId = parseTaskId(task)
  const owner = await senderOf(options)
  if (owner === undefined) {
    throw new CliError(
      'usage',
      'It must be known who sends the call: a canary belongs to who commits to it.',
      'Name it with --account.',
    )
  }
  await perform(options, async (reader) => {
    const { file, isNew } = await secretOf(reader, { taskId, owner }, options)
    const params = await readTaskParams(reader, { taskId })
    const { round } = file
    const bond = params.contributorStake
    const parameters = { taskId, round, digest: digestIn(file), bond }
    const { assayToken: token, canaries: spender } = reader.deployment.contracts
    const approvals = await allowCalls(reader, { token, spender, amount: bond, owner })
    const call = commitCanaryCall(reader.deployment, parameters)
    const keep = () => (isNew ? writeCanaryFile(options.file, file) : Promise.resolve())
    const said = amountText(bond, ASSAY, 'exact')
    return {
      title: `Commit to a canary in round ${round} of task ${taskId}, of which seats should say ${truthText(file.truth)}`,
      moves: [{ amount: said, from: 'your wallet', to: 'the canaries, as your bond' }],
      notes: [
        'Open it once all cohorts of the round are done, until the round is final. Else the bond is burnt',
        'You give back what the submission was paid then, also what is held of it',
        `Keep ${options.file}: without it nobody can open the canary`,
      ],
      spends: { token, unit: ASSAY, amount: bond },
      calls: [...approvals, call],
      gasAtMost: BOND_GAS_AT_MOST,
      rehearse: async () => {
        await requireAccepted(reader, call, owner)
        if (options.unsigned) await keep()
      },
      send: async (client) => {
        // First the secret: a bond without it is lost.
        await keep()
        return commitCanary(client, parameters)
      },
      done: ({ canaryId }) => ({
        data: { canaryId, taskId, round, bond, file: options.file },
        text: `Canary ${canaryId} is committed to, with your bond of ${said}. Open it in time: assay canary open --file ${options.file}`,
      }),
    }
  })
}

/** The secret of a new canary, or of the one that the file has from an attempt before. @throws CliError when it has another */
async function secretOf(
  reader: AssayReader,
  { taskId, owner }: { taskId: bigint; owner: Address },
  { round, contributor, answer, file: path }: CommitOptions,
): Promise<{ file: CanaryFile; isNew: boolean }> {
  const at = contractOf(reader)
  const fresh = { at, owner, taskId, round, contributor, truth: answer, salt: accusationSalt() }
  const found = await findCanaryFile(path)
  if (found === undefined) return { file: fresh, isNew: true }
  requireHere(path, found, at)
  if (digestIn({ ...fresh, salt: found.salt }) !== digestIn(found)) {
    throw new CliError(
      'usage',
      `${path} holds another canary: of round ${found.round} of task ${found.taskId}, by ${found.contributor}.`,
      'Give --file another name.',
    )
  }
  const committed = await findCommitted(reader, found)
  if (committed === undefined) return { file: found, isNew: false }
  throw new CliError(
    'failed',
    `${path} is committed to already, as canary ${committed.canaryId}.`,
    'Nothing is left to do until all cohorts of its round are done.',
  )
}

/** `assay canary submit` */
export function addSubmitCanary(canary: Command): void {
  const command = addVerb(canary, {
    usage: 'submit',
    summary: 'Submit, as its contributor, a canary that nothing can open.',
    details:
      'Only for the answer unopenable; any other canary is trained and submitted by assay contribute. While the round takes submissions. The contributor has enrolled before, and must not submit anything else in the round: stop its daemon meanwhile.',
    examples: ['assay canary submit --file canary-7.json --keystore contributor.json'],
  })
  withTransaction(command)
    .requiredOption('--file <file>', 'what assay canary commit wrote')
    .action(submitUnopenable)
}

async function submitUnopenable(options: KeyOptions & { file: string }): Promise<void> {
  await perform(options, async (reader) => {
    const file = await readCanaryFile(options.file, contractOf(reader))
    const { truth, contributor, taskId, round, at, salt } = file
    if (truth.hasOpening) {
      throw new CliError(
        'failed',
        `The canary of ${options.file} has an opening: seats should say ${truthText(truth)}.`,
        'Have its contributor train and submit as ever: assay contribute.',
      )
    }
    await requireKeyOf(options, file, 'contributor')
    const parameters = { taskId, commitment: unopenableCommitment(file, { at, salt }) }
    return {
      title: `Submit the canary of round ${round} to task ${taskId}`,
      moves: [],
      notes: ['It fails the gate S0 wherever seats look: its contributor loses held pay and is flagged'],
      calls: [submitCall(reader.deployment, parameters)],
      rehearse: () => requireRound(reader, { taskId, round }),
      send: (client) => submit(client, parameters),
      done: () => ({
        data: { ...parameters, round, contributor },
        text: `Submitted. Its owner opens it once all cohorts are done: assay canary open --file ${options.file}`,
      }),
    }
  })
}

/** The contract takes a commitment in whichever round is open. @throws CliError when it is another one */
async function requireRound(
  reader: AssayReader,
  { taskId, round }: { taskId: bigint; round: number },
): Promise<void> {
  const state = await readRound(reader, { taskId })
  if (state.round === round) return
  throw new CliError(
    state.round < round ? 'tryAgain' : 'failed',
    `The canary is of round ${round} of task ${taskId}, but its latest round is ${state.round}.`,
    state.round < round
      ? 'Submit it once that round takes submissions.'
      : 'It is too late: take the bond back with assay canary withdraw, if the contributor submitted nothing.',
  )
}
