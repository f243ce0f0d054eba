// MBeans as a tree: domain, type, the other key properties, and the values of those that are open.

import type { Domain, Line, MBean, MBeanLines } from "./api";

/** A node has children that are known, or is an MBean whose values are fetched when it opens. */
export interface Node {
  key: string;
  label: string;
  level: number;
  parent: Node | null;
  children: Node[];
  mbean?: MBean;
  line?: Line;
  /** What stands in place of values that are not there. */
  note?: string;
  values: number;
  served: number;
}

/** A group with more MBeans than this is divided by its next property, where that makes fewer groups. */
const CROWD = 60;

export function buildTree(domains: Domain[]): Node[] {
  return domains.map(({ domain, mbeans }) => {
    const node = made(domain, domain, null);
    const types = grouped(mbeans, (mbean) => typeOf(mbean));
    node.children = [...types].map(([label, inside]) => typeNode(node, label, inside));
    return summed(node);
  });
}

/** The property that stands right below the domain: `type`, or the first where there is none. */
function typeOf(mbean: MBean): [string, string] {
  return mbean.properties.find(([key]) => key === "type") ?? mbean.properties[0] ?? ["", ""];
}

function typeNode(parent: Node, label: string, mbeans: MBean[]): Node {
  const [key] = mbeans[0] ? typeOf(mbeans[0]) : [""];
  const only = mbeans[0];
  if (mbeans.length === 1 && only && only.properties.length === 1) return leaf(parent, label, only);
  const node = made(`${parent.key}\n${label}`, label, parent);
  node.children = divided(node, mbeans, new Set([key ?? ""]));
  return summed(node);
}

/** Returns the nodes below *parent* for MBeans that are alike in the properties *used*. */
function divided(parent: Node, mbeans: MBean[], used: Set<string>): Node[] {
  const key = mbeans.length > CROWD ? dividing(mbeans, used) : undefined;
  if (key === undefined) return mbeans.map((mbean) => leaf(parent, rest(mbean, used), mbean));
  const groups = grouped(mbeans, (mbean) => mbean.properties.find(([name]) => name === key) ?? [key, ""]);
  return [...groups].map(([label, inside]) => {
    const node = made(`${parent.key}\n${label}`, label, parent);
    node.children = divided(node, inside, new Set([...used, key]));
    return summed(node);
  });
}

/** Returns the first property that all have and that makes fewer groups than half of the MBeans. */
function dividing(mbeans: MBean[], used: Set<string>): string | undefined {
  const names = mbeans[0]?.properties.map(([name]) => name) ?? [];
  return names.find((name) => {
    if (used.has(name)) return false;
    const values = mbeans.map((mbean) => mbean.properties.find(([other]) => other === name)?.[1]);
    const different = new Set(values).size;
    return !values.includes(undefined) && different > 1 && different * 2 <= mbeans.length;
  });
}

function rest(mbean: MBean, used: Set<string>): string {
  const others = mbean.properties.filter(([key]) => !used.has(key));
  const texts = (others.length ? others : mbean.properties).map(([key, value]) => `${key}=${value}`);
  return texts.join(", ");
}

function grouped(mbeans: MBean[], by: (mbean: MBean) => [string, string]): Map<string, MBean[]> {
  const groups = new Map<string, MBean[]>();
  for (const mbean of mbeans) {
    const label = by(mbean).join("=");
    const group = groups.get(label);
    if (group) group.push(mbean);
    else groups.set(label, [mbean]);
  }
  return new Map([...groups].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function made(key: string, label: string, parent: Node | null): Node {
  return { key, label, level: parent ? parent.level + 1 : 1, parent, children: [], values: 0, served: 0 };
}

function leaf(parent: Node, label: string, mbean: MBean): Node {
  return { ...made(mbean.name, label, parent), mbean, values: mbean.values, served: mbean.served };
}

function summed(node: Node): Node {
  for (const child of node.children) {
    node.values += child.values;
    node.served += child.served;
  }
  return node;
}

/** Puts an MBean's values below its node. */
export function fillNode(node: Node, { lines }: MBeanLines): void {
  node.children = lines.map((line) => ({ ...made(`${node.key}\n${pathOf(line)}`, pathOf(line), node), line }));
  if (!lines.length) noteBelow(node, "no values");
}

/** Puts one row of words below an MBean's node: that it is read, or why it could not be. */
export function noteBelow(node: Node, note: string): void {
  node.children = [{ ...made(`${node.key}\n`, note, node), note }];
}

/** The last part of a line: of a value in a composite its key, else the attribute's name. */
export function lastName(line: Line): string {
  const before = `><${line.path.join(", ")}>`;
  const at = line.line.indexOf(before, line.mbean.length);
  return at < 0 ? line.attribute : line.line.slice(at + before.length);
}

/** The name of a value inside its MBean: attribute, and keys of composites. */
export function pathOf(line: Line): string {
  return [...line.path, lastName(line)].join(".");
}

export function opens(node: Node): boolean {
  return node.mbean !== undefined || node.children.length > 0;
}

/** Returns the rows of the tree: all nodes whose ancestors are open, in order. */
export function rowsOf(roots: Node[], open: Set<string>): Node[] {
  const rows: Node[] = [];
  const visit = (nodes: Node[]): void => {
    for (const node of nodes) {
      rows.push(node);
      if (open.has(node.key)) visit(node.children);
    }
  };
  visit(roots);
  return rows;
}

/** Returns the MBean's node, or undefined. */
export function findMBean(nodes: Node[], name: string): Node | undefined {
  for (const node of nodes) {
    if (node.mbean?.name === name) return node;
    const found = node.mbean ? undefined : findMBean(node.children, name);
    if (found) return found;
  }
  return undefined;
}
