// Draws a picture with WebGL2: every grey of it is in a texture, and the graphics processor looks up the screen's.

const VERTICES = `#version 300 es
  void main() {
    gl_Position = vec4(vec2(gl_VertexID & 1, gl_VertexID >> 1) * 2. - 1., 0., 1.);
  }`;
// Where pixels are enlarged, neighbours are mixed and then looked up, so that edges stay sharp in a narrow window.
// Where they are reduced, greys are mixed, as in the display. A texture of whole numbers can't be filtered.
const LOOKED_UP = `#version 300 es
  precision highp float;
  precision highp usampler2D;
  uniform usampler2D picture, greys;
  uniform mat3x2 place; // pixel of the screen → pixel of the picture
  uniform vec2 size; // of the picture in this level's pixels, which may end with half a one
  uniform float height;
  out vec4 colour;
  float pixel(ivec2 at) {
    return float(texelFetch(picture, clamp(at, ivec2(0), textureSize(picture, 0) - 1), 0).r);
  }
  float grey(vec2 at) {
    vec2 part = fract(at - .5);
    ivec2 low = ivec2(floor(at - .5));
    float above = mix(pixel(low), pixel(low + ivec2(1, 0)), part.x);
    float below = mix(pixel(low + ivec2(0, 1)), pixel(low + ivec2(1, 1)), part.x);
    int found = int(round(mix(above, below, part.y)));
    return float(texelFetch(greys, ivec2(found & 255, found >> 8), 0).r);
  }
  void main() {
    vec2 screen = vec2(gl_FragCoord.x, height - gl_FragCoord.y);
    vec2 at = place * vec3(screen, 1.);
    if (any(lessThan(at, vec2(0.))) || any(greaterThan(at, size))) discard;
    vec2 right = place[0] * .25, down = place[1] * .25;
    float value = length(right) <= .26 ? grey(at)
      : (grey(at - right - down) + grey(at + right - down) + grey(at - right + down) + grey(at + right + down)) / 4.;
    colour = vec4(vec3(value / 255.), 1.);
  }`;

// A texture with every grey of the picture. R16UI: exact, part of WebGL2 itself and half as large as floats. A
// normalised 16-bit format is an extension, half floats have 11 bits, and a pair of bytes can't be filtered either.
export function textureOf(gl, { bits, width, height, pixels }) {
  const texture = gl.createTexture();
  gl.bindTexture(gl.TEXTURE_2D, texture);
  gl.pixelStorei(gl.UNPACK_ALIGNMENT, 1);
  const [inside, type] = bits === 16 ? [gl.R16UI, gl.UNSIGNED_SHORT] : [gl.R8UI, gl.UNSIGNED_BYTE];
  gl.texImage2D(gl.TEXTURE_2D, 0, inside, width, height, 0, gl.RED_INTEGER, type, pixels);
  for (const side of [gl.TEXTURE_MIN_FILTER, gl.TEXTURE_MAG_FILTER]) gl.texParameteri(gl.TEXTURE_2D, side, gl.NEAREST);
  return texture;
}

function programOf(gl) {
  const program = gl.createProgram();
  for (const [kind, text] of [[gl.VERTEX_SHADER, VERTICES], [gl.FRAGMENT_SHADER, LOOKED_UP]]) {
    const shader = gl.createShader(kind);
    gl.shaderSource(shader, text);
    gl.compileShader(shader);
    gl.attachShader(program, shader);
  }
  gl.linkProgram(program);
  return gl.getProgramParameter(program, gl.LINK_STATUS) ? program : null;
}

// Only where a graphics processor draws: without one a plain canvas is as quick, and Chromium, which then puts the page
// together without one too, has lost the lower rows of a WebGL picture whose upper ones are scrolled away. The name is
// asked for, since not each version refuses by `failIfMajorPerformanceCaveat`; of another canvas, since one that has
// given WebGL gives nothing else.
const ASKED = {
  alpha: true, antialias: false, depth: false, preserveDrawingBuffer: true, failIfMajorPerformanceCaveat: true,
};
const OF_SOFTWARE = /swiftshader|llvmpipe|software|basic render/i;
function drawsInSoftware() {
  const gl = document.createElement("canvas").getContext("webgl2", ASKED);
  const named = gl?.getExtension("WEBGL_debug_renderer_info");
  const isSoftware = OF_SOFTWARE.test(gl?.getParameter(named?.UNMASKED_RENDERER_WEBGL ?? gl.RENDERER) ?? "");
  gl?.getExtension("WEBGL_lose_context")?.loseContext();
  return isSoftware;
}
let isSoftware = null; // asked once a page

// {load, draw, longest}; null where the browser has no such WebGL2. `draw` takes the number of a level, the matrix from the
// screen's pixels to the level's, the size there, and the grey of each possible pixel. `addPart` takes a picture that
// is drawn as the level "part", over what is there.
export function webglScreen(canvas) {
  if ((isSoftware ??= drawsInSoftware())) return null;
  const gl = canvas.getContext("webgl2", ASKED);
  const program = gl && programOf(gl);
  if (!program) return null;
  const at = (name) => gl.getUniformLocation(program, name);
  const places = { place: at("place"), size: at("size"), height: at("height"), picture: at("picture"), greys: at("greys") };
  let textures = [], lookedUp = null, known = null;
  const load = ({ bits, levels }) => {
    for (const texture of [...textures, textures.part, lookedUp]) gl.deleteTexture(texture ?? null);
    textures = levels.map((level) => textureOf(gl, { bits, ...level }));
    lookedUp = textureOf(gl, { bits: 8, width: 256, height: bits === 16 ? 256 : 1, pixels: null });
    known = null;
    return !gl.getError();
  };
  const addPart = (picture, bits) => {
    gl.deleteTexture(textures.part ?? null);
    textures.part = textureOf(gl, { bits, ...picture });
  };
  const draw = (level, [a, b, c, d, e, f], size, greys) => {
    gl.viewport(0, 0, canvas.width, canvas.height);
    if (level !== "part") gl.clear(gl.COLOR_BUFFER_BIT);
    gl.useProgram(program);
    gl.activeTexture(gl.TEXTURE1);
    gl.bindTexture(gl.TEXTURE_2D, lookedUp);
    if (known !== greys) {
      gl.texSubImage2D(gl.TEXTURE_2D, 0, 0, 0, 256, greys.length / 256, gl.RED_INTEGER, gl.UNSIGNED_BYTE, greys);
      known = greys;
    }
    gl.activeTexture(gl.TEXTURE0);
    gl.bindTexture(gl.TEXTURE_2D, textures[level]);
    gl.uniform1i(places.picture, 0);
    gl.uniform1i(places.greys, 1);
    gl.uniform2f(places.size, ...size);
    gl.uniform1f(places.height, canvas.height);
    gl.uniformMatrix3x2fv(places.place, false, [a, b, c, d, e, f]);
    gl.drawArrays(gl.TRIANGLE_STRIP, 0, 4);
  };
  const free = () => load({ bits: 8, levels: [] });
  return { kind: "webgl2", load, addPart, draw, free, longest: gl.getParameter(gl.MAX_TEXTURE_SIZE) };
}
