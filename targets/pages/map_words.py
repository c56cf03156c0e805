"""The fixed words of maps, in both languages."""

from kpitracker.lib.i18n.text import text

MAP_WORDS = {
    "map": text("Map", "Bản đồ"),
    "map_numbers": text(
        "The numbers in the map are those of the list.", "Số trên bản đồ là số thứ tự trong danh sách bên cạnh."
    ),
    "map_worst": text(
        "Each area has the pattern of its worst target.",
        "Mỗi địa bàn mang nét vẽ của chỉ tiêu kém nhất tại đó.",
    ),
    "map_values": text("The denser the pattern, the greater the value.", "Nét vẽ càng dày, giá trị càng lớn."),
    "map_other_day": text("a value of another day", "số liệu đến ngày khác"),
    "map_around": text("around the others", "bao quanh các địa bàn khác"),
    "map_missing": text("Without a geometry:", "Chưa có ranh giới:"),
}
# What each pattern of the board's map means.
STATUS_KEYS = {
    "bad": text("missed or off track", "không đạt hoặc chậm tiến độ"),
    "watched": text("at risk", "có nguy cơ"),
    "neutral": text("not due or without data", "chưa đến hạn hoặc chưa có kết quả"),
    "good": text("met or on track", "đạt hoặc đúng tiến độ"),
}
