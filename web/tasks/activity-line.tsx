import { Match, Switch } from 'solid-js';
import type { OpenedLines } from './opened-lines.ts';
import { OtherRow } from './other-row.tsx';
import { SetupRow } from './setup-row.tsx';
import { ToolRow } from './tool-row.tsx';
import type { ActivityLog } from './activity-log.ts';

/** Which lines are open, and how: kept beside them, since a line that is out of sight is not there. */
export type LineState = OpenedLines & {
  isOpen(number: number): boolean;
  toggle(number: number): void;
  depth(number: number): number;
  /** Lines below a call, by its id. */
  steps(toolUseId: string): number;
  showsSteps(toolUseId: string): boolean;
  toggleSteps(toolUseId: string): void;
  /** The line that was jumped to. */
  isMarked(number: number): boolean;
};

/** Deeper ones stand no further in: a phone has room for words, too. */
const DEPTH_MAX = 3;

/** One line of the activity, as its kind looks. */
export function ActivityLine(props: { number: number; log: ActivityLog; state: LineState }) {
  const row = () => props.log.row(props.number);
  const tool = () => {
    const one = row();
    return one?.is === 'tool' ? one : null;
  };
  const setup = () => {
    const one = row();
    return one?.is === 'setup' ? one : null;
  };
  const other = () => {
    const one = row();
    return one?.is === 'other' ? one : null;
  };
  const depth = () => Math.min(props.state.depth(props.number), DEPTH_MAX);
  const isOpen = () => props.state.isOpen(props.number);
  const toggle = () => props.state.toggle(props.number);
  return (
    <div
      id={`line-${props.number}`}
      tabindex="-1"
      class="mx-auto max-w-3xl px-2"
      classList={{ 'bg-accent-soft': props.state.isMarked(props.number) }}
    >
      <div
        classList={{ 'border-l-2 border-line pl-1': depth() > 0 }}
        style={{ 'margin-inline-start': `${depth()}rem` }}
      >
        <Switch>
          <Match when={tool()}>
            {(found) => (
              <ToolRow
                row={found()}
                log={props.log}
                isOpen={isOpen()}
                onToggle={toggle}
                steps={props.state.steps(found().call.toolUseId)}
                showsSteps={props.state.showsSteps(found().call.toolUseId)}
                onSteps={() => props.state.toggleSteps(found().call.toolUseId)}
              />
            )}
          </Match>
          <Match when={setup()}>
            {(found) => (
              <SetupRow
                row={found()}
                chosen={props.state.chosen(props.number)}
                onChoose={(isShown) => props.state.choose(props.number, isShown)}
              />
            )}
          </Match>
          <Match when={other()}>
            {(found) => (
              <OtherRow row={found()} log={props.log} isOpen={isOpen()} onToggle={toggle} />
            )}
          </Match>
        </Switch>
      </div>
    </div>
  );
}
