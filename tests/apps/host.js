// A minimal host on the official app bridge: it shows one page in a sandbox of another origin and passes tool calls on.
import { AppBridge, PostMessageTransport } from "@modelcontextprotocol/ext-apps/app-bridge";

window.heard = [];

window.render = async (tool, args, sandboxUrl, size) => {
  document.querySelector("iframe")?.remove();
  const frame = document.createElement("iframe");
  frame.style = `width:${size.width}px;height:${size.height}px;border:1px solid #999`;
  frame.setAttribute("sandbox", "allow-scripts allow-same-origin allow-forms");
  document.body.append(frame);
  const capabilities = { openLinks: {}, serverTools: {}, logging: {}, updateModelContext: {} };
  const hostContext = { theme: "dark", displayMode: "inline", containerDimensions: { width: size.width, maxHeight: size.height } };
  const bridge = new AppBridge(null, { name: "test-host", version: "1" }, capabilities, { hostContext });
  const ready = new Promise((resolve) => { bridge.onsandboxready = resolve; });
  const initialized = new Promise((resolve) => { bridge.oninitialized = resolve; });
  bridge.oncalltool = async ({ name, arguments: given }) => {
    window.heard.push(name);
    return window.mcpCall(name, given || {});
  };
  bridge.onupdatemodelcontext = async (context) => { window.heard.push(["context", context]); return {}; };
  bridge.onsizechange = ({ height }) => { window.heard.push(["height", height]); };
  frame.src = sandboxUrl;
  await bridge.connect(new PostMessageTransport(frame.contentWindow, frame.contentWindow));
  await ready;
  await bridge.sendSandboxResourceReady({ html: await window.mcpRead(tool), csp: {} });
  await initialized;
  await bridge.sendToolInput({ arguments: args });
  await bridge.sendToolResult(await window.mcpCall(tool, args));
  window.bridge = bridge;
  return bridge.getAppVersion();
};
