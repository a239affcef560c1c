import type { Command } from 'commander'
import { print } from '../answer.ts'
import { addVerb } from '../command.ts'
import type { PredictOptions } from '../predict.ts'

/** `assay model predict` */
export function addModelPredict(parent: Command): void {
  addVerb(parent, {
    usage: 'predict',
    summary: 'What a fetched model says of your own files. Needs no chain; nothing leaves this machine.',
    details:
      "Takes the files that assay data prepare takes; a column of the target isn't needed. The task's graph runs in a sandbox. The result is a table with the chances of each class, or values in their own units.",
    examples: ['assay model predict --model ./model --from people.csv --out predictions.csv'],
  })
    .requiredOption('--model <folder>', 'the folder of assay model get, or of npm run federate')
    .requiredOption('--from <path>', 'a file, or a folder of files')
    .requiredOption('--out <file>', 'the .csv or .json file to write')
    .option('--force', 'replace a file that is there')
    .option('--json', 'data as JSON on stdout, everything else on stderr')
    .action(async ({ json, ...options }: PredictOptions & { json?: boolean }) => {
      // Loaded only here: the other verbs start faster without an engine.
      const { predict } = await import('../predict.ts')
      print(await predict(options), json)
    })
}
