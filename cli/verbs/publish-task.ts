import { readTaskParams } from '@assay/sdk/verbs/tasks/read-task-params.ts'
import type { StoreOptions } from '@assay/store/store-location.ts'
import type { Command } from 'commander'
import { print } from '../answer.ts'
import { addVerb } from '../command.ts'
import { parseTaskId } from '../format.ts'
import { clientOf, type KeyOptions, withKey } from '../options.ts'
import { requireSameTask } from '../same-task.ts'
import { storesOf, withStore } from '../store-options.ts'

interface PublishOptions extends KeyOptions, StoreOptions {
  package: string
}

/** `assay task publish <task>` */
export function addPublish(task: Command): void {
  const command = addVerb(task, {
    usage: 'publish <task>',
    summary: "Put a task's package into further stores, or into one that has lost it. Sends no transaction.",
    details:
      "Anyone who has the package can. A store that asks the chain takes it from the task's owner, contributors and validators.",
    examples: [
      'assay task publish 1 --package ./digits --store-url https://a.example --store-url https://b.example --keystore me.json',
    ],
  })
  const withFiles = withKey(command).requiredOption('--package <folder>', "the task's package")
  withStore(withFiles, 'blob server where everybody finds the package').action(publish)
}

async function publish(task: string, options: PublishOptions): Promise<void> {
  const taskId = parseTaskId(task)
  const locations = storesOf(options)
  // Loaded only here: the other verbs start faster without an engine.
  const { openPackageStores, publishPackage } = await import('../publish-package.ts')
  const { readPackage } = await import('../read-package.ts')
  const found = await readPackage(options.package)
  const client = await clientOf(options)
  const params = await readTaskParams(client, { taskId })
  requireSameTask(options.package, found, { ...params, taskId })
  const { account } = client.wallet
  await publishPackage(await openPackageStores(locations, { account, taskId }), options.package)
  print(
    { data: { taskId, specHash: params.specHash }, text: `The package of task ${taskId} is published.` },
    options.json,
  )
}
