import { ASSAY, amountText } from '@assay/sdk/client/amounts.ts'
import type { AssayClient, AssayReader } from '@assay/sdk/client/clients.ts'
import type { Failure } from '@assay/sdk/client/errors.ts'
import { stakeShortage } from '@assay/sdk/client/stake-shortage.ts'
import type { TaskParams } from '@assay/sdk/protocol/task-params.ts'
import { readRound } from '@assay/sdk/verbs/rounds/read-round.ts'
import { readValidator } from '@assay/sdk/verbs/rounds/read-validator.ts'
import { readStake } from '@assay/sdk/verbs/stake-registry/read-stake.ts'
import { joinValidators, joinValidatorsCall } from '@assay/sdk/verbs/tasks/join-validators.ts'
import { leaveValidators, leaveValidatorsCall } from '@assay/sdk/verbs/tasks/leave-validators.ts'
import { raiseValidatorStake, raiseValidatorStakeCall } from '@assay/sdk/verbs/tasks/raise-validator-stake.ts'
import { readTask } from '@assay/sdk/verbs/tasks/read-task.ts'
import { readTaskParams } from '@assay/sdk/verbs/tasks/read-task-params.ts'
import { releaseValidator, releaseValidatorCall } from '@assay/sdk/verbs/tasks/release-validator.ts'
import type { StoreOptions } from '@assay/store/store-location.ts'
import type { Command } from 'commander'
import type { Address } from 'viem'
import { addVerb, group } from '../command.ts'
import { deadlineText, durationText, parseAddress, parseAmount, parseTaskId } from '../format.ts'
import { addressOf, type KeyOptions, withTransaction } from '../options.ts'
import { poolRootsOf } from '../pool-roots.ts'
import { readStanding } from '../standing.ts'
import { withStore } from '../store-options.ts'
import { chainSeconds } from '../time.ts'
import { perform } from '../transaction.ts'
import { encryptionKeyOf } from '../validator-keys.ts'

/** `assay validator join|raise|leave|release` */
export function addValidator(program: Command): void {
  const validator = group(program, {
    usage: 'validator',
    summary: 'Enter and leave the draw of validators (assay oracle does the work).',
    examples: ['assay validator join 1 2000 --store-url http://127.0.0.1:8080 --keystore me.json'],
  })
  addJoin(validator)
  addRaise(validator)
  addLeave(validator)
  addRelease(validator)
}

function addJoin(validator: Command): void {
  const command = addVerb(validator, {
    usage: 'join <task> [amount]',
    summary: "Reserve stake and bid for a place in a task's draw.",
    details:
      "The package is run on this machine first, as assay package check does it: a task whose phases this machine does not meet is not joined without --force. The amount defaults to the task's minimum. More stake is drawn more often, up to four times the minimum. Then run assay oracle with the same key, always with one data directory: once it has the task's held-out pool, it says on chain that you are ready. You count from then on, but not before the round after the next one, so that everybody sees a bid for a whole round; in a task without a round from the first one on. Until you are ready you can leave at once. If all 64 places are taken, each opening gives the four smallest to larger bids.",
    examples: ['assay validator join 1 2000 --store-url http://127.0.0.1:8080 --keystore me.json'],
  })
  const withFiles = withTransaction(command)
    .option('--package <folder>', "the task's package (default: fetched from the store by its hash)")
    .option('--pool <file>', "the task's held-out pool, if its owner gave it to you")
    .option('--force', "join although this machine doesn't meet the task's phases")
  withStore(withFiles, 'blob server of the task').action(join)
}

interface JoinOptions extends KeyOptions, StoreOptions {
  package?: string
  pool?: string
  force?: boolean
}

async function join(task: string, text: string | undefined, options: JoinOptions): Promise<void> {
  const taskId = parseTaskId(task)
  const encryptionKey = await encryptionKeyOf(options)
  await perform(options, async (reader) => {
    const params = await readTaskParams(reader, { taskId })
    const minimum = params.minValidatorStake
    const amount = text === undefined ? minimum : parseAmount(text, ASSAY)
    const said = amountText(amount, ASSAY, 'exact')
    const parameters = { taskId, amount, encryptionKey }
    return {
      title: `Join the validators of task ${taskId} with ${said}`,
      moves: [{ amount: said, from: 'your free stake', to: `your reserve for task ${taskId}` }],
      notes: [
        'A missed duty costs 1, 2, 4, then 8 % of the reserve; from the fifth in ten rounds on the place, too',
        'You count once assay oracle is ready, from the round after the next one on (in a new task from its first)',
        'If all 64 places are taken, a ready bid for one, and the place won, can be left only after the length of a round',
      ],
      calls: [joinValidatorsCall(reader.deployment, parameters)],
      rehearse: () => tryAsValidator(reader, { taskId, params }, options),
      send: (client) => joinValidators(client, parameters),
      explain: (failure, client) => explainJoin(failure, client, { taskId, amount, minimum }),
      done: () => ({
        data: { taskId, reserved: amount },
        text: `Joined. You can be drawn once assay oracle ${taskId} runs and is ready: see assay status.`,
      }),
    }
  })
}

/** Runs the task's package on this machine. @throws CliError when it is refused, or a phase is too short for this machine */
async function tryAsValidator(
  reader: AssayReader,
  { taskId, params }: { taskId: bigint; params: TaskParams },
  options: JoinOptions,
): Promise<void> {
  // Loaded only here: the other verbs start faster without an engine.
  const { validatorShares } = await import('@assay/engine/run/time-shares.ts')
  const { tryPackage } = await import('../package-trial.ts')
  const { readOnePool } = await import('../read-package.ts')
  const { packageOf } = await import('../task-package.ts')
  const task = await packageOf(options, { ...params, taskId })
  const held =
    options.pool === undefined
      ? undefined
      : await readOnePool(options.pool, task.spec, await poolRootsOf(reader, taskId))
  const pool = held?.pool.samples
  await tryPackage(task, {
    samples: pool,
    pool,
    shares: ({ slowest }) => validatorShares(task.spec, params, slowest),
    force: options.force,
  })
}

/** What the account has, what the task needs, and the commands that help, when its stake is too small. */
async function explainJoin(
  failure: Failure,
  client: AssayClient,
  asked: { taskId: bigint; amount: bigint; minimum: bigint },
): Promise<Failure> {
  if (failure.name !== 'StakeRegistry_FreeStakeTooLow' && failure.name !== 'Tasks_StakeTooLow') return failure
  const { free } = await readStake(client, { account: client.wallet.account.address })
  return { ...failure, ...stakeShortage({ ...asked, free }) }
}

function addRaise(validator: Command): void {
  const command = addVerb(validator, {
    usage: 'raise <task> <amount>',
    summary: 'Reserve more stake for your place, so that a larger bid does not take it.',
    details:
      'It counts at the next opening. A bid without a place in the roster starts anew: it counts from the round after the next one on.',
    examples: ['assay validator raise 1 500 --keystore me.json'],
  })
  withTransaction(command).action(async (task: string, text: string, options: KeyOptions) => {
    const parameters = { taskId: parseTaskId(task), amount: parseAmount(text, ASSAY) }
    const { taskId, amount } = parameters
    const said = amountText(amount, ASSAY, 'exact')
    await perform(options, async (reader) => ({
      title: `Raise your stake as a validator of task ${taskId} by ${said}`,
      moves: [{ amount: said, from: 'your free stake', to: `your reserve for task ${taskId}` }],
      notes: ['Beyond four times the minimum more stake has no more weight'],
      calls: [raiseValidatorStakeCall(reader.deployment, parameters)],
      send: (client) => raiseValidatorStake(client, parameters),
      done: async (_, client) => {
        const { bid } = await readValidator(client, { taskId, validator: client.wallet.account.address })
        return { data: { taskId, added: amount, bid }, text: `Raised by ${said}: see assay status.` }
      },
    }))
  })
}

function addLeave(validator: Command): void {
  const command = addVerb(validator, {
    usage: 'leave <task>',
    summary: 'Leave the draw from the next round on.',
    details:
      'Keep the oracle running until the round ends. Afterwards assay validator release frees the stake. Whom nothing can draw any more, because it was not ready or its last round is final, has its stake free at once.',
    examples: ['assay validator leave 1 --keystore me.json'],
  })
  withTransaction(command).action(async (task: string, options: KeyOptions) => {
    const taskId = parseTaskId(task)
    await perform(options, async (reader) => ({
      title: `Leave the validators of task ${taskId}`,
      moves: [],
      calls: [leaveValidatorsCall(reader.deployment, { taskId })],
      send: (client) => leaveValidators(client, { taskId }),
      done: async (_, client) => {
        const validator = client.wallet.account.address
        const { state } = await readStanding(client, { taskId, validator })
        const isFree = state === 'none'
        const text = isFree
          ? 'You have left, and your stake is free.'
          : `You leave from the next round on. When your last round is final: assay validator release ${taskId}`
        return { data: { taskId, isFree }, text }
      },
    }))
  })
}

function addRelease(validator: Command): void {
  const command = addVerb(validator, {
    usage: 'release <task>',
    summary: 'Free the stake of a validator that has left.',
    examples: ['assay validator release 1 --keystore me.json'],
  })
  withTransaction(command)
    .option('--account <address>', 'whose stake (default: your own)', parseAddress)
    .action(async (task: string, options: KeyOptions & { account?: `0x${string}` }) => {
      const taskId = parseTaskId(task)
      const account = options.account ?? (await addressOf(options))
      await perform(options, async (reader) => ({
        title: `Free the stake of validator ${account} in task ${taskId}`,
        moves: [],
        calls: [releaseValidatorCall(reader.deployment, { taskId, validator: account })],
        explain: (failure, client) => explainRelease(failure, client, { taskId, validator: account }),
        send: (client) => releaseValidator(client, { taskId, validator: account }),
        done: () => ({
          data: { taskId, validator: account },
          text: `The stake of ${account} in task ${taskId} is free.`,
        }),
      }))
    })
}

/** Why the stake is not free, and when it will be. */
async function explainRelease(
  failure: Failure,
  reader: AssayReader,
  { taskId, validator }: { taskId: bigint; validator: Address },
): Promise<Failure> {
  const again = `assay validator release ${taskId}`
  const standing = await readStanding(reader, { taskId, validator })
  if (standing.state === 'none') {
    return { ...failure, fix: 'Nothing is left to release: see assay status for free stake.' }
  }
  if (standing.state === 'drawn') {
    const message = `${validator} is still in the draw of task ${taskId}.`
    return { ...failure, message, fix: `Leave it first: assay validator leave ${taskId}` }
  }
  if (standing.state === 'waiting') {
    const when = deadlineText(standing.finalAt, await chainSeconds(reader))
    const message = `${validator} has left, and its last round in task ${taskId} is final at ${when}.`
    return { ...failure, message, fix: `Release the stake then: ${again}` }
  }
  if (standing.state === 'releasable') return failure
  const [{ round }, { params }] = await Promise.all([
    readRound(reader, { taskId }),
    readTask(reader, { taskId }),
  ])
  const final = `final, ${durationText(params.challengeSeconds)} after its end`
  return {
    ...failure,
    message: `${validator} has left, but round ${round} of task ${taskId}, which may draw it, is still open.`,
    fix: `Keep assay oracle running until it ends, and release the stake when it is ${final}: ${again}`,
    kind: 'transient',
  }
}
