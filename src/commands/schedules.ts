import { stringify } from 'yaml'
import { shellWord } from '../core/shell.ts'

export const DUE_WORKFLOW = '.github/workflows/knowngood.yml'

/** Where a caller stands, how Knowngood is started there, where the output of its work goes and variables come from; all absolute. */
type Called = { root: string; program: readonly string[]; path: string; log: string; env: string }

const SAYS = 'Written by `knowngood init --schedule`: site backups, dumps, mirrors and baselines, when they are due.'

/** For crontab: what is done goes into a file, what `check` has to say is mailed by cron. */
export function cronTable({ root, program, path, log, env }: Called): string {
  const words = program.map(shellWord).join(' ')
  const read = `set -a; [ ! -r ${shellWord(env)} ] || . ${shellWord(env)}; set +a`
  const line = (when: string, args: string, to: string) => {
    const command = `cd ${shellWord(root)} && { ${read}; PATH=${shellWord(path)} ${words} ${args}; }${to}`
    return `${when} ${command.replaceAll('%', String.raw`\%`)}`
  }
  return [
    `# ${SAYS}`,
    line('17 3 * * *', 'due --run', ` >>${shellWord(log)} 2>&1`),
    line('47 4 * * *', 'check', ''),
    '',
  ].join('\n')
}

/** For systemd: a service and a timer of each; one that was missed while the machine was off is made up for. */
export function systemdUnits(name: string, { root, program, path, env }: Called): Record<string, string> {
  const command = (args: string) => [...program.map(quoted), args].join(' ')
  const service = (what: string, args: string) =>
    [
      `# ${SAYS}`,
      '[Unit]',
      `Description=${what}`,
      '',
      '[Service]',
      'Type=oneshot',
      `WorkingDirectory=${root.replaceAll('%', '%%')}`,
      `Environment=${quoted(`PATH=${path}`)}`,
      `EnvironmentFile=-${env.replaceAll('%', '%%')}`,
      `ExecStart=${command(args)}`,
      '',
    ].join('\n')
  const timer = (what: string, at: string) =>
    [
      `# ${SAYS}`,
      '[Unit]',
      `Description=${what}`,
      '',
      '[Timer]',
      `OnCalendar=*-*-* ${at}`,
      'Persistent=true',
      'RandomizedDelaySec=10min',
      '',
      '[Install]',
      'WantedBy=timers.target',
      '',
    ].join('\n')
  return {
    [`${name}-due.service`]: service('What Knowngood has due', 'due --run'),
    [`${name}-due.timer`]: timer('What Knowngood has due, once a day', '03:17'),
    [`${name}-check.service`]: service('What Knowngood finds stale, unproven or broken', 'check'),
    [`${name}-check.timer`]: timer('What Knowngood finds stale, unproven or broken, once a day', '04:47'),
  }
}

/** A word for a unit file: in quotes, with what systemd expands taken by its letter. */
function quoted(word: string): string {
  const safe = word.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('%', '%%').replaceAll('$', '$$$$')
  return `"${safe}"`
}

/** For GitHub: the whole history, so that a commit can be held and a bundle made; secrets by the environment of one step. */
export function dueWorkflow(of: { knowngood: string; npm: boolean; secrets: readonly string[] }): string {
  const env = Object.fromEntries(of.secrets.map((name) => [name, `\${{ secrets.${name} }}`]))
  const workflow = {
    name: 'knowngood',
    on: { schedule: [{ cron: '17 3 * * *' }], workflow_dispatch: {} },
    permissions: { contents: 'write' },
    concurrency: { group: 'knowngood-due', 'cancel-in-progress': false },
    jobs: {
      due: {
        'runs-on': 'ubuntu-latest',
        'timeout-minutes': 60,
        steps: [
          { uses: 'actions/checkout@v5', with: { 'fetch-depth': 0 } },
          { uses: 'actions/setup-node@v5', with: { 'node-version': 24 } },
          ...(of.npm ? [{ name: 'Install', run: 'npm ci --ignore-scripts' }] : []),
          {
            name: 'Do what is due',
            ...(of.secrets.length === 0 ? {} : { env }),
            run: `${of.knowngood} due --run`,
          },
        ],
      },
    },
  }
  return `# ${SAYS}\n${stringify(workflow, { lineWidth: 0 })}`
}
