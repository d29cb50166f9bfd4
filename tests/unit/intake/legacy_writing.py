"""Writes Vietnamese as it was written before Unicode."""

_UNICODE = (
    "á à ả ã ạ â ấ ầ ẩ ẫ ậ ă ắ ằ ẳ ẵ ặ é è ẻ ẽ ẹ ê ế ề ể ễ ệ í ì ỉ ĩ ị ó ò ỏ õ ọ ô ố ồ ổ ỗ ộ ơ ớ ờ ở ỡ ợ"
    " ú ù ủ ũ ụ ư ứ ừ ử ữ ự ý ỳ ỷ ỹ ỵ đ"
)
_TCVN3 = (
    "¸ µ ¶ · ¹ © Ê Ç È É Ë ¨ ¾ » ¼ ½ Æ Ð Ì Î Ï Ñ ª Õ Ò Ó Ô Ö Ý × Ø Ü Þ ã ß á â ä « è å æ ç é ¬ í ê ë ì î"
    " ó ï ñ ò ô \u00ad ø õ ö ÷ ù ý ú û ü þ ®"
)
_VNI = (
    "aù aø aû aõ aï aâ aá aà aå aã aä aê aé aè aú aü aë eù eø eû eõ eï eâ eá eà eå eã eä í ì æ ó ò"
    " où oø oû oõ oï oâ oá oà oå oã oä ô ôù ôø ôû ôõ ôï uù uø uû uõ uï ö öù öø öû öõ öï yù yø yû yõ î ñ"
)

TCVN3 = dict(zip(_UNICODE.split(), _TCVN3.split(" "), strict=True)) | dict(
    zip("ĂÂĐÊÔƠƯ", "¡¢§£¤¥¦", strict=True)
)
VNI = dict(zip(_UNICODE.split(), _VNI.split(), strict=True))
VNI |= {letter.upper(): code.upper() for letter, code in VNI.items()}


def in_tcvn3(text: str) -> str:
    """Text as typed for a `.Vn…` font; capitals with a tone are small, as only an `H` font has them."""
    return "".join(TCVN3.get(sign) or TCVN3.get(sign.lower(), sign) for sign in text)


def in_vni(text: str) -> str:
    """Text as typed for a `VNI-…` font."""
    return "".join(VNI.get(sign, sign) for sign in text)
