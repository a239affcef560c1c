import { ASSAY, amountText, typedAmount } from '@assay/sdk/client/amounts.ts'
import type { AssayReader } from '@assay/sdk/client/clients.ts'
import type { Failure } from '@assay/sdk/client/errors.ts'
import { dataRootOf } from '@assay/sdk/protocol/data-root.ts'
import type { TaskParams } from '@assay/sdk/protocol/task-params.ts'
import { enrol, enrolCall } from '@assay/sdk/verbs/tasks/enrol.ts'
import { readTaskParams } from '@assay/sdk/verbs/tasks/read-task-params.ts'
import type { Command } from 'commander'
import { addVerb } from '../command.ts'
import { parseTaskId } from '../format.ts'
import { type KeyOptions, privateKeyOf, withTransaction } from '../options.ts'
import { requireSameTask } from '../same-task.ts'
import { perform } from '../transaction.ts'

interface EnrolOptions extends KeyOptions {
  package: string
  data: string
  force?: boolean
}

/** `assay enrol <task>` */
export function addEnrol(program: Command): void {
  const command = addVerb(program, {
    usage: 'enrol <task>',
    summary: 'Become a contributor of a task: reserve stake, pay the fee, commit to your data.',
    details:
      'The package is run on your samples first, as assay package check does it: a task whose phases this machine does not meet is not entered without --force. Your samples stay on your machine; the chain gets the root of a tree over them, and their number. The secret behind the root comes from your key, so assay contribute continues from here with the same key and file (it enrols by itself if you have not). --unsigned needs that key, too.',
    examples: ['assay enrol 1 --package ./digits --data my-digits.safetensors --keystore me.json'],
  })
  withTransaction(command)
    .requiredOption('--package <folder>', "the task's package")
    .requiredOption(
      '--data <path>',
      'your samples: a data file, or your own files as assay data prepare reads them',
    )
    .option('--force', "enrol although this machine doesn't meet the task's phases")
    .action(enrolWith)
}

async function enrolWith(task: string, options: EnrolOptions): Promise<void> {
  const taskId = parseTaskId(task)
  const { samples, taskPackage, rootFor } = await samplesAndRoot(taskId, options)
  const { spec } = taskPackage
  const dataUnits = samples.n
  // Loaded only here: the other verbs start faster without an engine.
  const { tryPackage } = await import('../package-trial.ts')
  const { contributorShares } = await import('@assay/engine/run/time-shares.ts')
  await perform(options, async (reader) => {
    const params = await readTaskParams(reader, { taskId })
    requireSameTask(options.package, taskPackage, { ...params, taskId })
    const sampleRoot = rootFor(reader)
    const parameters = { taskId, sampleRoot, dataUnits }
    const stake = amountText(params.contributorStake, ASSAY, 'exact')
    const fee = amountText(params.enrolmentFee, ASSAY, 'exact')
    return {
      title: `Enrol in task ${taskId} with ${dataUnits} samples`,
      moves: [
        { amount: stake, from: 'your free stake', to: `your reserve for task ${taskId}` },
        { amount: fee, from: 'your free stake', to: 'nobody: the fee is burnt' },
      ],
      calls: [enrolCall(reader.deployment, parameters)],
      rehearse: () =>
        tryPackage(taskPackage, {
          samples,
          shares: ({ real }) => contributorShares(spec, params, real),
          force: options.force,
        }),
      send: (client) => enrol(client, parameters),
      explain: async (failure) =>
        failure.name === 'StakeRegistry_FreeStakeTooLow' ? explainStake(failure, taskId, params) : failure,
      done: () => ({
        data: { ...parameters, dataRoot: dataRootOf(sampleRoot, dataUnits) },
        text: `Enrolled, until a round that counts you is final. You can submit from the next round on: keep assay contribute ${taskId} running.`,
      }),
    }
  })
}

/** How much stake enrolling takes, and how much is missing. */
function explainStake(
  failure: Failure,
  taskId: bigint,
  { contributorStake, enrolmentFee }: TaskParams,
): Failure {
  const free = BigInt(failure.values.free as bigint)
  const missing = contributorStake + enrolmentFee - free
  const exact = (wei: bigint) => amountText(wei, ASSAY, 'exact')
  const takes = `${exact(contributorStake)} reserved and ${exact(enrolmentFee)} burnt as its fee`
  return {
    ...failure,
    message: `Task ${taskId} takes ${takes}, and ${exact(free)} of your stake is free.`,
    fix: `Stake ${amountText(missing, ASSAY, 'up')} first: assay stake ${typedAmount(missing, ASSAY, 'up')}`,
  }
}

/** The package and the samples, and their root under the secret that `assay contribute` derives from the same key. */
async function samplesAndRoot(taskId: bigint, options: EnrolOptions) {
  const privateKey = await privateKeyOf(options)
  // Loaded only here: the other verbs start faster without an engine.
  const { openSecrets } = await import('@assay/contributor/secrets.ts')
  const { sampleRoot } = await import('@assay/engine/package/data.ts')
  const { readPackage, readSamples } = await import('../read-package.ts')
  const taskPackage = await readPackage(options.package)
  const samples = await readSamples(options.data, taskPackage)
  const rootFor = (reader: AssayReader) =>
    sampleRoot(samples, openSecrets({ config: { privateKey }, reader }, undefined).data(taskId))
  return { samples, taskPackage, rootFor }
}
