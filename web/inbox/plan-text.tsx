import { Folded } from './folded.tsx';

/** A plan's text. */
export function PlanText(props: { text: string }) {
  return <Folded text={props.text} heading="The plan" more="Show the whole plan" />;
}
