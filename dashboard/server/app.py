"""The one script given to Streamlit: what is read, the navigation, the scope bar. Nothing else.

It must have no folder `pages` beside it: until a navigation is declared in a process, Streamlit would serve any script in such a
folder by link, without running this one.
"""

from pathlib import Path

import streamlit as st

from dashboard import __version__
from dashboard.components import reading
from dashboard.components.look import foot_of_page, frame_of_page
from dashboard.components.scope_bar import scope_bar
from dashboard.components.text import plain
from dashboard.errors import Refusal
from dashboard.settings import load_settings

PAGES = Path(__file__).resolve().parents[1] / "pages"

st.set_page_config(
    page_title="Oversight: children missing from care",
    layout="wide",
    menu_items={"About": f"Oversight {__version__}. Children missing from care, for the council that looks after them."},
)
# Declared before anything can stop the run: see above.
navigation = st.navigation(
    [
        st.Page(PAGES / "overview.py", title="Overview", default=True),
        st.Page(PAGES / "repeat_runners.py", title="Repeat runners"),
        st.Page(PAGES / "units.py", title="Units"),
        st.Page(PAGES / "seasons.py", title="Seasons"),
        st.Page(PAGES / "hotspots.py", title="Hotspots"),
        st.Page(PAGES / "return_interviews.py", title="Return interviews"),
        st.Page(PAGES / "police_calls.py", title="Police calls"),
        st.Page(PAGES / "data_quality.py", title="Data quality"),
        st.Page(PAGES / "evidence.py", title="Evidence"),
        st.Page(PAGES / "panel_edition.py", title="Panel edition"),
        st.Page(PAGES / "definitions.py", title="Definitions"),
    ],
    expanded=True,
)
try:
    served = reading.served()
except Refusal as refusal:
    frame_of_page(None)
    st.title("There is no export to read")
    st.text(str(refusal))
    st.stop()
frame_of_page(served.snapshot.coverage)
scope = scope_bar(served.snapshot)
if served.notice:
    st.warning(plain(served.notice), icon=":material/history:")
reading.begin(reading.Reading(served.snapshot, scope, load_settings()))
navigation.run()
foot_of_page()
