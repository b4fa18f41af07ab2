// One ECharts picture on a canvas: no markup from strings, no style attributes, so that a strict policy holds.
import { CustomChart, SankeyChart, ScatterChart } from "echarts/charts";
import { DataZoomComponent, GeoComponent, GridComponent, TooltipComponent } from "echarts/components";
import * as echarts from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";
import { isPrinting, kPrintWidth, onTheme } from "./theme.js";

echarts.use([CustomChart, SankeyChart, ScatterChart, DataZoomComponent, GeoComponent, GridComponent, TooltipComponent, CanvasRenderer]);

export const registerMap = echarts.registerMap;

/**
 * @param box     The element that holds the picture.
 * @param height  width => height in pixels.
 * @param option  (width) => ECharts' option; asked again for every size and theme.
 * @param click   What to do with a click's parameters.
 */
export function chart(box, height, option, click) {
  let made = null, drawnWidth = 0;
  const draw = () => {
    const width = isPrinting() ? kPrintWidth : box.clientWidth;
    if (width < 50) return;
    drawnWidth = width;
    box.style.height = `${height(width)}px`;
    if (!made) {
      made = echarts.init(box, null, { renderer: "canvas", width, height: height(width), devicePixelRatio: Math.max(2, devicePixelRatio) });
      if (click) made.on("click", click);
    } else {
      made.resize({ width, height: height(width) });
    }
    made.setOption({ animation: false, ...option(width) }, { notMerge: true, silent: true });
    made.getZr().flush();
  };
  draw();
  onTheme(draw);
  new ResizeObserver(() => {
    if (!isPrinting() && Math.abs(box.clientWidth - drawnWidth) > 1) draw();
  }).observe(box);
  return { redraw: draw };
}

/** A tooltip drawn on the canvas, so that no string becomes markup. */
export function tooltip(theme, formatter) {
  return {
    renderMode: "richText", confine: true, backgroundColor: theme.paper, borderColor: theme.soft, borderWidth: 1,
    textStyle: { color: theme.ink, fontSize: 13 }, formatter,
  };
}

/** ECharts reads {a|b} in rich text as style marks; braces of hostile names must not. */
export function plain(name) {
  return String(name).replaceAll("{", "\uff5b").replaceAll("}", "\uff5d");
}
