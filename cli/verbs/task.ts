import { amountText } from '@assay/sdk/client/amounts.ts'
import type { AssayReader } from '@assay/sdk/client/clients.ts'
import type { Failure } from '@assay/sdk/client/errors.ts'
import { plainText } from '@assay/sdk/client/plain-text.ts'
import type { Call } from '@assay/sdk/client/send.ts'
import { allowCalls } from '@assay/sdk/verbs/assay-token/allow.ts'
import { type ApproveParameters, approveCall } from '@assay/sdk/verbs/assay-token/approve.ts'
import { readCourtTerms } from '@assay/sdk/verbs/court/read-court-terms.ts'
import { readRound } from '@assay/sdk/verbs/rounds/read-round.ts'
import { closeTask, closeTaskCall } from '@assay/sdk/verbs/tasks/close-task.ts'
import { createTask, createTaskCall } from '@assay/sdk/verbs/tasks/create-task.ts'
import { fundTask, fundTaskCall } from '@assay/sdk/verbs/tasks/fund-task.ts'
import { readTask } from '@assay/sdk/verbs/tasks/read-task.ts'
import { readTaskFunds } from '@assay/sdk/verbs/tasks/read-task-funds.ts'
import { refundTask, refundTaskCall } from '@assay/sdk/verbs/tasks/refund-task.ts'
import type { StoreOptions } from '@assay/store/store-location.ts'
import type { Command } from 'commander'
import { say } from '../answer.ts'
import { challengerNotes } from '../challenger-notes.ts'
import { addVerb, group } from '../command.ts'
import { parseAddress, parseTaskId } from '../format.ts'
import { type KeyOptions, type SenderOptions, senderOf, withTransaction } from '../options.ts'
import { storesOf, withStore } from '../store-options.ts'
import { readTerms, TERMS_EXAMPLE } from '../task-terms.ts'
import { parseTokenAmount, readToken, requireToken, rewardTokenOf } from '../token.ts'
import { perform } from '../transaction.ts'
import { addAnnouncePool } from './announce-pool.ts'
import { addList, addShow, enoughText } from './look-at-tasks.ts'
import { addPublish } from './publish-task.ts'
import { addFetchPool, addPublishPool } from './published-pool.ts'
import { addReclaim } from './reclaim-pay.ts'
import { addInit } from './task-init.ts'
import { addSeal, uploadPool } from './task-pool.ts'

/** Most gas of an approval and the transfer into the escrow. Tokens differ. */
const FUNDING_GAS_AT_MOST = 400_000n

/** `assay task list|show|create|publish|seal|publish-pool|fetch-pool|fund|announce-pool|close|refund|reclaim` */
export function addTask(program: Command): void {
  const task = group(program, {
    usage: 'task',
    summary: 'Find, publish, fund and close tasks.',
    examples: ['assay task list', 'assay task create --help'],
  })
  addList(task)
  addShow(task)
  addInit(task)
  addCreate(task)
  addPublish(task)
  addSeal(task)
  addPublishPool(task)
  addFetchPool(task)
  addFund(task)
  addAnnouncePool(task)
  addClose(task)
  addRefund(task)
  addReclaim(task)
}

interface CreateOptions extends KeyOptions, StoreOptions {
  package: string
  terms: string
  pool: string
  programRoot: boolean
  force?: boolean
}

function addCreate(task: Command): void {
  const command = addVerb(task, {
    usage: 'create',
    summary: 'Publish a task package and create the task that pays for training it.',
    details: `The package is run on this machine first, with the pool, as assay package check does it. Then it is put into the store; its hashes, program root, steps and compute units go into the task. The held-out pool goes there encrypted: only validators that you seal it to can read it. The terms are JSON: prices in reward tokens, fee and stakes in ASSAY, all in quotation marks; times in seconds. A committee of k needs 2k + 1 validators. rewardToken is ASSAY, or the address of any ERC-20 that transfers exactly what it says:\n\n${TERMS_EXAMPLE}`,
    examples: [
      'assay task create --package digits/package --pool digits/pool.safetensors --terms terms.json --store-url http://127.0.0.1:8080 --keystore me.json',
    ],
  })
  const withFiles = withTransaction(command)
    .requiredOption('--package <folder>', 'the task package: task.json, graphs, initial state')
    .requiredOption('--pool <file>', 'the held-out pool that was written with the package')
    .requiredOption('--terms <file>', 'prices, limits and phase lengths as JSON')
    .option('--no-program-root', 'leave the program root out: then no contract can check a training step')
    .option('--force', "create it although a pool teaches too little, a blob or a phase doesn't fit")
  withStore(withFiles, 'blob server where everybody finds the package').action(create)
}

async function create(options: CreateOptions): Promise<void> {
  const locations = storesOf(options)
  const terms = readTerms(options.terms)
  // Loaded only here: the other verbs start faster without an engine.
  const { openPackageStores, publishPackage } = await import('../publish-package.ts')
  const { readPackage, readPool } = await import('../read-package.ts')
  const { tryPackage } = await import('../package-trial.ts')
  const { sharesOf } = await import('../task-shares.ts')
  const { taskParams } = await import('../task-params.ts')
  const taskPackage = await readPackage(options.package)
  const pool = await readPool(options.pool, taskPackage.spec)
  await perform(options, async (reader) => {
    const { assayToken } = reader.deployment.contracts
    const address = terms.rewardToken === 'ASSAY' ? assayToken : terms.rewardToken
    const token = await requireToken(reader, address)
    const params = taskParams(terms, taskPackage, { token, namesProgram: options.programRoot })
    return {
      title: `Create a task of ${plainText(taskPackage.spec.name)}`,
      moves: [],
      notes: [
        'All of this is fixed for good; funding comes next',
        ...challengerNotes(params, await readCourtTerms(reader)),
      ],
      calls: [createTaskCall(reader.deployment, { params })],
      rehearse: () =>
        tryPackage(taskPackage, {
          samples: pool.samples,
          pool: pool.samples,
          shares: (trial) => sharesOf(taskPackage.spec, params, trial),
          force: options.force,
        }),
      send: async (client) => {
        const store = await openPackageStores(locations, client.wallet)
        await publishPackage(store, options.package)
        await uploadPool(store, { ...taskPackage, pool }, options)
        return createTask(client, { params })
      },
      done: async ({ taskId }, client) => {
        const { largestRoundCost } = await readTask(client, { taskId })
        const cost = amountText(largestRoundCost, token, 'up')
        return {
          data: { taskId, specHash: params.specHash, programRoot: params.programRoot, largestRoundCost },
          text: `Task ${taskId} is created. A round can cost ${cost} at most: assay task fund ${taskId} <amount>\nOnce validators have joined, seal the held-out pool to them: assay task seal ${taskId}`,
        }
      },
    }
  })
}

/** The approvals that the sender needs; if nobody says who that is, the usual one. */
async function approvalsOf(
  reader: AssayReader,
  approval: ApproveParameters,
  options: SenderOptions,
): Promise<Call[]> {
  const owner = await senderOf(options)
  if (owner !== undefined) return allowCalls(reader, { ...approval, owner })
  say(
    'If the token refuses the approval, an earlier one is left: with --account the calls that set it to 0 are printed, too.',
  )
  return [approveCall(approval)]
}

function addFund(task: Command): void {
  const command = addVerb(task, {
    usage: 'fund <task> <amount>',
    summary: "Add reward tokens to a task's escrow. Anyone can.",
    details:
      'When the task is closed, the owner gets back what no round needs. The escrow is approved first. Where an earlier approval is left that the token does not let change, as USDT does not, that one is set to 0 before.',
    examples: ['assay task fund 1 5000 --keystore me.json'],
  })
  withTransaction(command)
    .option(
      '--account <address>',
      'with --unsigned: the account that will send it, to print just the approvals that it needs',
      parseAddress,
    )
    .action(fund)
}

async function fund(task: string, text: string, options: SenderOptions): Promise<void> {
  const taskId = parseTaskId(task)
  await perform(options, async (reader) => {
    const { params, largestRoundCost } = await readTask(reader, { taskId })
    const token = await readToken(reader, params.rewardToken)
    const amount = parseTokenAmount(text, token)
    const said = amountText(amount, token, 'exact')
    const approval = { token: params.rewardToken, spender: reader.deployment.contracts.tasks, amount }
    const approvals = await approvalsOf(reader, approval, options)
    return {
      title: `Fund task ${taskId} with ${said}`,
      moves: [{ amount: said, from: 'your wallet', to: `the escrow of task ${taskId}` }],
      spends: { token: params.rewardToken, unit: token, amount },
      calls: [...approvals, fundTaskCall(reader.deployment, { taskId, amount })],
      gasAtMost: FUNDING_GAS_AT_MOST,
      send: (client) => fundTask(client, { taskId, amount }),
      done: async (_, client) => {
        const [{ available, funded }, { round: number }] = await Promise.all([
          readTaskFunds(client, { taskId }),
          readRound(client, { taskId }),
        ])
        const rounds = available / largestRoundCost
        const cost = amountText(largestRoundCost, token, 'up')
        const enough =
          rounds > 0n
            ? `${enoughText(rounds, { number, of: params.maxRounds })} (one costs ${cost} at most)`
            : `but one can cost ${cost}: none opens`
        return {
          data: { taskId, added: amount, funded, available, largestRoundCost, roundsCovered: rounds },
          text: `Task ${taskId} now has ${amountText(available, token)} for further rounds, ${enough}.`,
        }
      },
    }
  })
}

function addClose(task: Command): void {
  const command = addVerb(task, {
    usage: 'close <task>',
    summary: 'Close your task: no further round starts, and what is free is refunded.',
    details: 'An open round still ends and pays as promised; assay task refund then returns what it leaves.',
    examples: ['assay task close 1 --keystore me.json'],
  })
  withTransaction(command).action(async (task: string, options: KeyOptions) => {
    const taskId = parseTaskId(task)
    await perform(options, async (reader) => {
      const token = await rewardTokenOf(reader, taskId)
      const { available } = await readTaskFunds(reader, { taskId })
      return {
        title: `Close task ${taskId} for good`,
        moves: [
          {
            amount: `at most ${amountText(available, token, 'up')}`,
            from: `the escrow of task ${taskId}`,
            to: 'its owner',
          },
        ],
        notes: ['Less if a round opens before that'],
        token,
        calls: [closeTaskCall(reader.deployment, { taskId })],
        send: (client) => closeTask(client, { taskId }),
        done: async (_, client) => {
          const { refunded } = await readTaskFunds(client, { taskId })
          return {
            data: { taskId, refunded },
            text: `Task ${taskId} is closed, ${amountText(refunded, token)} refunded.`,
          }
        },
      }
    })
  })
}

function addRefund(task: Command): void {
  const command = addVerb(task, {
    usage: 'refund <task>',
    summary: 'Refund what a closed task no longer needs. It goes to the owner.',
    examples: ['assay task refund 1 --keystore me.json'],
  })
  withTransaction(command).action(async (task: string, options: KeyOptions) => {
    const taskId = parseTaskId(task)
    await perform(options, async (reader) => {
      const token = await rewardTokenOf(reader, taskId)
      const { available } = await readTaskFunds(reader, { taskId })
      return {
        title: `Refund task ${taskId}`,
        moves: [
          {
            amount: `at most ${amountText(available, token, 'up')}`,
            from: `the escrow of task ${taskId}`,
            to: 'its owner',
          },
        ],
        token,
        calls: [refundTaskCall(reader.deployment, { taskId })],
        send: (client) => refundTask(client, { taskId }),
        explain: async (failure, client) =>
          failure.name === 'Tasks_NothingToRefund' ? explainRefund(failure, client, taskId) : failure,
        done: ({ amount }) => ({
          data: { taskId, refunded: amount },
          text: `${amountText(amount, token)} went to the owner.`,
        }),
      }
    })
  })
}

/** Adds whether a later refund can bring more. */
async function explainRefund(failure: Failure, reader: AssayReader, taskId: bigint): Promise<Failure> {
  const [{ phase, round }, { reserved }, token] = await Promise.all([
    readRound(reader, { taskId }),
    readTaskFunds(reader, { taskId }),
    rewardTokenOf(reader, taskId),
  ])
  if (phase !== 'Idle') {
    const message = `Task ${taskId} has nothing to refund while round ${round} is open.`
    const fix = 'Run it again when the round has ended: what it leaves is refunded then.'
    return { ...failure, message, fix, kind: 'transient' }
  }
  const fix =
    reserved === 0n
      ? 'Nothing is left to do: no round is open, and all that was left has been refunded.'
      : `No round is open. The escrow keeps ${amountText(reserved, token)} that contributors and validators have earned.`
  return { ...failure, fix }
}
