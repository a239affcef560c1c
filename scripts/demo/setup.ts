import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { publishPackage } from '@assay/cli/publish-package.ts'
import type { ContributorConfig } from '@assay/contributor/contributor-config.ts'
import { writeDataset } from '@assay/engine/package/data.ts'
import { serializeModel } from '@assay/engine/package/model.ts'
import type { TaskPackage } from '@assay/engine/package/task-contents.ts'
import { partitionDigits } from '@assay/lab/digits.ts'
import { type AssayReader, connectReader } from '@assay/sdk/client/clients.ts'
import type { Deployment } from '@assay/sdk/client/deployment.ts'
import { writeWholeFile } from '@assay/sdk/client/whole-file.ts'
import { approveCall } from '@assay/sdk/verbs/assay-token/approve.ts'
import { stakeCall } from '@assay/sdk/verbs/stake-registry/stake.ts'
import { createTaskCall } from '@assay/sdk/verbs/tasks/create-task.ts'
import { fundTaskCall } from '@assay/sdk/verbs/tasks/fund-task.ts'
import { readTask } from '@assay/sdk/verbs/tasks/read-task.ts'
import { readTaskCount } from '@assay/sdk/verbs/tasks/read-task-count.ts'
import { httpStore } from '@assay/store/http-store.ts'
import { encodeFunctionData, erc20Abi, parseEther } from 'viem'
import { deployAssay } from '../deploy/deploy-assay.ts'
import { signingProvider } from '../deploy/signing-provider.ts'
import { type Account, type Cast, demoSeed } from './cast.ts'
import type { DemoChain } from './chain.ts'
import type { DemoOptions, FederationOptions } from './options.ts'
import { demoFunding, demoTaskParams, STAKES } from './terms.ts'
import { transact } from './transact.ts'

/** What everybody gets: ether for gas, and ASSAY to stake. */
const ETHER = parseEther('100')
const SPENDING = parseEther('10')

/** What is trained, and with which samples. */
export interface FederatedTask {
  taskPackage: TaskPackage
  packageDir: string
  /** File of the held-out pool, which only validators get. */
  poolFile: string
  /** Files of the contributors' samples, in their order. */
  shards: string[]
  /** What contributors train with; the task's engine by default. */
  trainer?: ContributorConfig['trainer']
}

/** A chain with the protocol, and a funded task on it. */
export interface DemoTask extends Omit<FederatedTask, 'shards' | 'trainer'> {
  deployment: Deployment
  reader: AssayReader
  taskId: bigint
}

/**
 * Deploys the protocol on the demo's chain. Afterwards blocks are mined on demand again, and the chain's clock never
 * follows this machine's.
 */
export async function deployOn(chain: DemoChain, tokenHolder: Account): Promise<Deployment> {
  await chain.client.setBalance({ address: tokenHolder.address, value: ETHER })
  await chain.client.setAutomine(true)
  await chain.client.setBlockTimestampInterval({ interval: 1 })
  const { chainId, startBlock, contracts } = await deployAssay({
    provider: signingProvider(chain.rpcUrl, tokenHolder.privateKey),
    tokenHolder: tokenHolder.address,
    pollMs: 10,
  })
  await chain.client.setAutomine(false)
  return { network: 'demo', chainId, startBlock, commit: 'demo', contracts }
}

/** Publishes the task in the store and on the chain, funds it, and gives everybody a stake. */
export async function setUpTask(at: {
  chain: DemoChain
  deployment: Deployment
  cast: Cast
  options: FederationOptions
  storeUrl: string
  task: FederatedTask
}): Promise<DemoTask> {
  const { chain, deployment, cast, options, storeUrl, task } = at
  const { taskPackage, packageDir, poolFile } = task
  const store = httpStore({ url: storeUrl })
  await publishPackage(store, packageDir)
  await store.put(serializeModel(taskPackage.spec, taskPackage.init))

  const reader = await connectReader({ deployment, rpcUrl: chain.rpcUrl })
  await giveStakes(chain, deployment, cast)
  const taskId = await createDemoTask(chain, reader, cast.owner, options, taskPackage)
  return { deployment, reader, taskId, taskPackage, packageDir, poolFile }
}

/** Writes each contributor's shard to a file of its own. @returns the files in the contributors' order */
export async function writeShards(
  options: DemoOptions,
  { taskPackage }: Pick<FederatedTask, 'taskPackage'>,
  workDir: string,
): Promise<string[]> {
  const { contributors, partition, seed } = options
  const shards = await partitionDigits({ seed: demoSeed(seed), contributors, partition })
  const dir = join(workDir, 'shards')
  await mkdir(dir, { recursive: true })
  return Promise.all(
    shards.map(async (shard, i) => {
      const file = join(dir, `contributor-${i + 1}.safetensors`)
      await writeWholeFile(file, writeDataset(shard, taskPackage.spec))
      return file
    }),
  )
}

async function giveStakes(chain: DemoChain, deployment: Deployment, cast: Cast): Promise<void> {
  const { assayToken, stakeRegistry } = deployment.contracts
  const staking = [
    ...cast.contributors.map((account) => ({
      account,
      amount: STAKES.contributor + STAKES.enrolmentFee,
      spending: SPENDING,
    })),
    ...cast.validators.map((account) => ({
      account,
      amount: STAKES.validator + STAKES.juror,
      spending: SPENDING + STAKES.courtBudget,
    })),
  ]
  for (const { account } of staking) await chain.client.setBalance({ address: account.address, value: ETHER })
  await transact(
    chain,
    staking.map(({ account, amount, spending }) => ({
      account: cast.owner,
      to: assayToken,
      data: encodeFunctionData({
        abi: erc20Abi,
        functionName: 'transfer',
        args: [account.address, amount + spending],
      }),
    })),
  )
  await transact(
    chain,
    staking.flatMap(({ account, amount }) => [
      { account, ...approveCall({ token: assayToken, spender: stakeRegistry, amount }) },
      { account, ...stakeCall(deployment, { amount }) },
    ]),
  )
}

async function createDemoTask(
  chain: DemoChain,
  reader: AssayReader,
  owner: Account,
  options: FederationOptions,
  taskPackage: TaskPackage,
): Promise<bigint> {
  const { deployment } = reader
  const { assayToken, tasks } = deployment.contracts
  const params = demoTaskParams(options, taskPackage, assayToken)
  await transact(chain, [{ account: owner, ...createTaskCall(deployment, { params }) }])
  const taskId = await readTaskCount(reader)
  const { largestRoundCost } = await readTask(reader, { taskId })
  const amount = demoFunding(largestRoundCost, options.rounds)
  await transact(chain, [
    { account: owner, ...approveCall({ token: assayToken, spender: tasks, amount }) },
    { account: owner, ...fundTaskCall(deployment, { taskId, amount }) },
  ])
  return taskId
}
