import type { ThemeConfig } from "antd";

const FONT = '-apple-system, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "Source Han Sans SC", sans-serif';

/** antd in our colours; the same values as the custom properties in base.css. */
export const theme: ThemeConfig = {
  token: {
    colorPrimary: "#14506b",
    colorInfo: "#14506b",
    colorError: "#b3261e",
    colorWarning: "#9a5b00",
    colorSuccess: "#24694a",
    colorErrorBg: "#fcedeb",
    colorWarningBg: "#fdf3e1",
    colorSuccessBg: "#e9f4ee",
    colorInfoBg: "#e8f1f4",
    colorText: "#17232b",
    colorTextSecondary: "#55646c",
    colorBorder: "#c9d3d4",
    colorBorderSecondary: "#dfe6e6",
    colorBgLayout: "#f2f5f4",
    borderRadius: 5,
    fontFamily: FONT,
    fontSize: 14,
    // Office computers are old and clerks are quick: nothing slides.
    motion: false,
  },
  components: {
    Form: { itemMarginBottom: 16, verticalLabelPadding: "0 0 4px" },
    Modal: { titleFontSize: 17 },
  },
};
