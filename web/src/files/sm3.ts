// SM3 (GB/T 32905-2016) of a file, piece by piece: browsers' own crypto does not know it, and a film does not fit into memory at once.

const START = [0x7380166f, 0x4914b2b9, 0x172442d7, 0xda8a0600, 0xa96f30bc, 0x163138aa, 0xe38dee4d, 0xb0fb0e4e];
const BLOCK = 64;

const rotate = (x: number, n: number) => (x << n) | (x >>> (32 - n));
const p0 = (x: number) => x ^ rotate(x, 9) ^ rotate(x, 17);
const p1 = (x: number) => x ^ rotate(x, 15) ^ rotate(x, 23);

/** The round constants, turned as the rounds want them. */
const T = Array.from({ length: 64 }, (_, j) => rotate(j < 16 ? 0x79cc4519 : 0x7a879d8a, j % 32));

export class Sm3 {
  private state = Int32Array.from(START);
  private rest = new Uint8Array(0);
  private length = 0;
  private w = new Int32Array(68);

  update(data: Uint8Array): void {
    this.length += data.length;
    const all = this.rest.length ? concat(this.rest, data) : data;
    const whole = all.length - (all.length % BLOCK);
    const view = new DataView(all.buffer, all.byteOffset, all.length);
    for (let at = 0; at < whole; at += BLOCK) this.block(view, at);
    this.rest = all.slice(whole);
  }

  /** 64 hexadecimal digits. Nothing can be added afterwards. */
  hex(): string {
    const bits = this.length * 8;
    const padding = new Uint8Array(((this.rest.length < 56 ? 56 : 120) - this.rest.length) + 8);
    padding[0] = 0x80;
    const view = new DataView(padding.buffer);
    view.setUint32(padding.length - 8, Math.floor(bits / 2 ** 32));
    view.setUint32(padding.length - 4, bits >>> 0);
    this.update(padding);
    return Array.from(this.state, (word) => (word >>> 0).toString(16).padStart(8, "0")).join("");
  }

  private block(data: DataView, at: number): void {
    const { w, state } = this;
    for (let j = 0; j < 16; j++) w[j] = data.getInt32(at + j * 4);
    for (let j = 16; j < 68; j++) {
      w[j] = p1(w[j - 16]! ^ w[j - 9]! ^ rotate(w[j - 3]!, 15)) ^ rotate(w[j - 13]!, 7) ^ w[j - 6]!;
    }
    let [a, b, c, d, e, f, g, h] = state as unknown as [number, number, number, number, number, number, number, number];
    for (let j = 0; j < 64; j++) {
      const a12 = rotate(a, 12);
      const ss1 = rotate((a12 + e + T[j]!) | 0, 7);
      const ff = j < 16 ? a ^ b ^ c : (a & b) | (a & c) | (b & c);
      const gg = j < 16 ? e ^ f ^ g : (e & f) | (~e & g);
      const tt1 = (ff + d + (ss1 ^ a12) + (w[j]! ^ w[j + 4]!)) | 0;
      const tt2 = (gg + h + ss1 + w[j]!) | 0;
      [d, c, b, a] = [c, rotate(b, 9), a, tt1];
      [h, g, f, e] = [g, rotate(f, 19), e, p0(tt2)];
    }
    [a, b, c, d, e, f, g, h].forEach((word, i) => (state[i]! ^= word));
  }
}

function concat(a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(a.length + b.length);
  all.set(a);
  all.set(b, a.length);
  return all;
}

const SLICE = 4 * 1024 * 1024;

/** The digest of a file; `told` hears the share that has been read. */
export async function sm3Of(file: Blob, told: (share: number) => void = () => {}): Promise<string> {
  const sm3 = new Sm3();
  for (let at = 0; at < file.size; at += SLICE) {
    sm3.update(new Uint8Array(await file.slice(at, at + SLICE).arrayBuffer()));
    told(Math.min(1, (at + SLICE) / file.size));
  }
  return sm3.hex();
}
