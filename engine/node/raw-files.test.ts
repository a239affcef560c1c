import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { refusalOf } from '../fixtures/raw-files.ts'
import { rawFilesAt } from './raw-files.ts'

describe("files of people's own", () => {
  let dir: string
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'assay-raw-'))
    await mkdir(join(dir, 'in', 'cat'), { recursive: true })
    await writeFile(join(dir, 'secret.txt'), 'secret')
  })
  afterEach(() => rm(dir, { recursive: true }))

  const put = (path: string, content = path) => writeFile(join(dir, 'in', path), content)

  it('are listed in the order of their paths, without what systems leave there', async () => {
    for (const path of ['b.txt', 'cat/2.png', 'cat/10.png', 'a.txt', '.hidden', 'cat/Thumbs.db'])
      await put(path)
    const { name, isFolder, files } = await rawFilesAt(join(dir, 'in'))
    expect([name, isFolder]).to.deep.equal(['in', true])
    expect(files.map(({ path }) => path)).to.deep.equal(['a.txt', 'b.txt', 'cat/10.png', 'cat/2.png'])
    expect(files[2]!.sizeBytes).to.equal(10)
    expect(new TextDecoder().decode(await files[2]!.read())).to.equal('cat/10.png')
  })

  it('may be one, and may be named by a link', async () => {
    await symlink(join(dir, 'secret.txt'), join(dir, 'mine.txt'))
    const { isFolder, files } = await rawFilesAt(join(dir, 'mine.txt'))
    expect([isFolder, files.length, files[0]!.path]).to.deep.equal([false, 1, 'mine.txt'])
    expect(new TextDecoder().decode(await files[0]!.read())).to.equal('secret')
  })

  it('are refused where a folder leads elsewhere', async () => {
    await symlink('../../secret.txt', join(dir, 'in', 'cat', '1.png'))
    expect(await refusalOf(() => rawFilesAt(join(dir, 'in')))).to.equal(
      'cat/1.png is a symbolic link: put the file itself there',
    )
    await rm(join(dir, 'in', 'cat', '1.png'))
    await symlink('..', join(dir, 'in', 'loop'))
    expect(await refusalOf(() => rawFilesAt(join(dir, 'in')))).to.include('loop is a symbolic link')
  })

  it('are refused once they became a link, or grew, after they were listed', async () => {
    await put('a.txt', 'short')
    await put('b.txt')
    const [first, second] = (await rawFilesAt(join(dir, 'in'))).files
    await put('a.txt', 'longer')
    expect(await refusalOf(() => first!.read())).to.equal('a.txt has 6 bytes, a moment ago it had 5')
    await rm(join(dir, 'in', 'b.txt'))
    await symlink('../secret.txt', join(dir, 'in', 'b.txt'))
    expect(await refusalOf(() => second!.read())).to.include("b.txt can't be read: ELOOP")
  })

  it('are refused unless they are files, within some folders', async () => {
    expect(await refusalOf(() => rawFilesAt(join(dir, 'in')))).to.include('has no files')
    expect(await refusalOf(() => rawFilesAt(join(dir, 'gone')))).to.include("gone can't be read: ENOENT")
    execFileSync('mkfifo', [join(dir, 'in', 'pipe')])
    expect(await refusalOf(() => rawFilesAt(join(dir, 'in')))).to.equal(
      'pipe is no regular file: put the file itself there',
    )
    const [pipe] = (await rawFilesAt(join(dir, 'in', 'pipe'))).files
    expect(await refusalOf(() => pipe!.read())).to.equal('pipe is not a regular file')
    await rm(join(dir, 'in', 'pipe'))
    await mkdir(join(dir, 'in', ...'123456789'), { recursive: true })
    expect(await refusalOf(() => rawFilesAt(join(dir, 'in')))).to.include('is 9 folders deep, the limit is 8')
  })
})
