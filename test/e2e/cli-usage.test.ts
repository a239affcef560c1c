import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createProgram } from '@assay/cli/program.ts'
import { openDaemonDatabase } from '@assay/daemon/database.ts'
import { openUploadLog } from '@assay/daemon/upload-log.ts'
import { CONTRACT_NAMES } from '@assay/sdk/client/deployment.ts'
import { stranger } from '@assay/store/fixtures/records.ts'
import { signReceipt } from '@assay/store/receipt.ts'
import { expect } from 'chai'
import { startCliRunner } from './support/cli-runner.ts'

/** An address without a contract: no chain is asked here. */
const ROUNDS = `0x${'0a'.repeat(20)}`

describe('assay, the command line, without a chain', () => {
  let folder: string
  let deploymentFile: string
  const cli = startCliRunner()

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'assay-usage-'))
    deploymentFile = join(folder, 'nowhere.json')
    const contracts = Object.fromEntries(CONTRACT_NAMES.map((name) => [name, ROUNDS]))
    const deployment = { network: 'nowhere', chainId: 31337, startBlock: 0, commit: 'none', contracts }
    await writeFile(deploymentFile, JSON.stringify(deployment))
  })
  after(async () => {
    cli.end()
    await rm(folder, { recursive: true })
  })

  it('tells wrong usage by code 2 and a sentence, and a silent node by 75', async () => {
    const files = ['--deployment', deploymentFile]
    const cases: [string[], string][] = [
      [['stake'], "missing required argument 'amount'"],
      [['stake', 'much'], 'The amount "much"'],
      [['unstake'], 'either an amount or --cancel'],
      [['claim', 'first'], 'The task "first"'],
      [['task', 'list', '--last', '0'], '--last "0" is not a whole number from 1 to 200'],
      [['status', '--address', '0x12'], '"0x12" is not an address'],
      [
        ['status', '--address', ROUNDS, ...files, '--rpc', '127.0.0.1:8545'],
        '"127.0.0.1:8545" is not the URL of a node',
      ],
      [
        ['status', '--address', ROUNDS, ...files, '--rpc', 'ftp://me:secret@x'],
        '"ftp://x" is not the URL of a node',
      ],
      [
        ['contribute', '1', '--data', '/nowhere', '--data-dir', folder, '--store-dir', folder],
        "can't be read",
      ],
      [
        ['data', 'learn', '--from', '.', '--out', 'p', '--size', 'wide'],
        '--size "wide" is not a size of pictures',
      ],
      [['package', 'check', '/nowhere'], '/nowhere is not a task package'],
      [['package', 'check', '.', '--max-blob', 'much'], '--max-blob "much" is not a size.'],
      [['package', 'pool', '.', 'pool'], "required option '--data <file>'"],
      [
        ['task', 'fetch-pool', '1', '--out', '.', '--root', '0xAB', '--store-dir', '.'],
        '--root "0xAB" is not the root of a pool.',
      ],
      [['package', 'convert', '.'], "missing required argument 'new-folder'"],
      [['package', 'mode', '.', 'sloppy'], 'Allowed choices are exact, tolerant.'],
      [['package', 'mode', '.', 'exact', '--tolerant-bps', '5'], '--tolerant-bps is for tolerant packages'],
      [['frobnicate'], "unknown command 'frobnicate'"],
      [['frob\u001b[2J'], "unknown command 'frob\\u{1b}[2J'"],
      [['stake', '1,5'], 'Write 1.5 or 15.'],
      [['stake', '\u202e1'], 'The amount "\\u{202e}1" is not a number of ASSAY.'],
      [['status'], 'No key is given'],
      [
        ['case', 'open', '1', '--round', '1', '--false-step', 'x', '--window', '0'],
        '--window is of a contributor.',
      ],
      [
        ['case', 'open', '1', '--round', '1', '--withheld', ROUNDS, '--window', '0', '--unsigned'],
        'only a seat can ask',
      ],
      ...[
        ['5-1', '--answer "5-1" is neither helps, useless, unopenable nor two bounds'],
        ['0-10001', 'at most 10000, such as 100-5000.'],
      ].map(([answer, sentence]): [string[], string] => [
        [
          'canary',
          'commit',
          '1',
          '--round',
          '1',
          '--contributor',
          ROUNDS,
          '--answer',
          answer!,
          '--file',
          'x',
        ],
        sentence!,
      ]),
      [
        [
          'canary',
          'commit',
          '1',
          '--round',
          '0',
          '--contributor',
          ROUNDS,
          '--answer',
          'helps',
          '--file',
          'x',
        ],
        '--round "0" is not a whole number from 1',
      ],
      [['canary', 'burn', 'first'], 'The canary "first" is not a whole number'],
      [['canary', 'judge', '1'], "required option '--canary <number>'"],
      [['status', '--address', ROUNDS, '--deployment', '/nowhere.json'], '/nowhere.json'],
      [
        [
          ...['task', 'create', '--package', '.', '--pool', '.'],
          ...['--terms', '/nowhere.json', '--store-dir', '.'],
        ],
        "can't be read",
      ],
      ...[
        'oracle 1 --data-dir .',
        'task create --package . --pool . --terms .',
        'task seal 1 --pool .',
        'task publish-pool 1 --pool .',
        'task announce-pool 1 --pool .',
      ]
        .map((verb) => [...verb.split(' '), ...files])
        .flatMap((verb): [string[], string][] => [
          [[...verb, '--store-url', 'ftp://me:secret@x'], '"ftp://x" is not the address of a store'],
          [verb, 'Name at least one store'],
        ]),
    ]
    const answers = await Promise.all(cases.map(([args]) => cli.run(args)))
    for (const [i, { code, stderr, stdout }] of answers.entries()) {
      const [args, sentence] = cases[i]!
      expect(code, args.join(' ')).to.equal(2)
      expect(stderr, args.join(' '))
        .to.include(sentence)
        .and.not.to.match(/ {4}at |secret/)
      expect(stdout).to.equal('')
    }
    for (const [args, sentence] of [
      [['stake', '--json'], "Missing required argument 'amount'."],
      [['status', '--json', '--bogus'], "Unknown option '--bogus'."],
    ] as const) {
      const { code, stdout } = await cli.run([...args])
      expect([code, JSON.parse(stdout).error.message]).to.deep.equal([2, sentence])
    }
    const silent = await cli.run([
      ...['status', '--address', ROUNDS],
      ...['--rpc', 'http://127.0.0.1:1', ...files],
    ])
    expect(silent.stderr).to.include('The node at http://127.0.0.1:1 did not answer')
    expect([silent.code, silent.stderr.includes('    at ')], silent.stderr).to.deep.equal([75, false])
  })

  it('shows what stores have confirmed to a daemon that is stopped', async () => {
    const dataDir = join(folder, 'me')
    const receipt = await signReceipt(
      { path: 'blobs/0x12', sizeBytes: 2_048, seconds: 1_800_000_000 },
      stranger,
    )
    const db = openDaemonDatabase(join(dataDir, 'daemon.sqlite'), [])
    const uploads = openUploadLog(db)
    uploads.add(receipt.path, 'https://store.example', receipt.seconds)
    uploads.markTaken(uploads.next('https://store.example')!, receipt)
    const running = await cli.run(['receipts', '--data-dir', dataDir])
    expect([running.code, running.stderr]).to.deep.equal([
      75,
      `${join(dataDir, 'daemon.sqlite')} is in use: the daemon runs.\nStop it first.\n`,
    ])
    db.close()

    const { stdout } = await cli.run(['receipts', '--data-dir', dataDir, '--json'])
    const expected = { ...receipt, storeName: 'https://store.example' }
    expect(JSON.parse(stdout)).to.deep.equal({ receipts: [expected] })
    const told = await cli.run(['receipts', '--data-dir', dataDir])
    expect(told.stdout).to.match(
      /2027-01-15.* {2}blobs\/0x12 \(2 KiB\)\n {4}at https:\/\/store.example, signed by 0x/,
    )
    const none = await cli.run(['receipts', '--data-dir', join(folder, 'nobody')])
    expect([none.code, none.stderr]).to.deep.equal([
      2,
      `${join(folder, 'nobody')} is not the folder of a daemon.\nGive its --data-dir.\n`,
    ])
  })

  it('shows help with an example for every verb and group', () => {
    const seen: string[] = []
    const look = (command: ReturnType<typeof createProgram>, path: string[]) => {
      const name = path.join(' ')
      let text = ''
      command.configureOutput({ writeOut: (part) => (text += part) }).outputHelp()
      expect(text, name).to.match(new RegExp(`\nExample:\n {2}${name}`))
      if (command.commands.length === 0) {
        expect(text, name).to.include('--json')
        seen.push(name)
      }
      for (const inner of command.commands) look(inner, [...path, inner.name()])
    }
    look(createProgram(), ['assay'])

    const alone =
      'status send stake unstake withdraw enrol leave contribute oracle claim collect release store receipts'
    const grouped =
      'task list,task show,task init,task create,task publish,task seal,task publish-pool,task fetch-pool,task fund,task announce-pool,task close,task refund,task reclaim,model list,model get,model verify,model predict,validator join,validator raise,validator leave,validator release,data describe,data learn,data prepare,package check,package pool,package mode,package convert,keys create,keys show,case list,case show,case open,case add,case keys,case vote,case settle,case answer,case draw,case appeal,case conclude,case suspend,case poll,case annul,case execute,case withdraw,canary show,canary commit,canary submit,canary open,canary judge,canary withdraw,canary burn'
    const all = [...alone.split(' '), ...grouped.split(',')].map((verb) => `assay ${verb}`)
    expect(seen).to.have.members(all)
  })
})
