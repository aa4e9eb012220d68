"""Logging out ends the session and says so in plain words."""


def test_logout_ends_the_session_in_chinese(login):
    client = login("street_clerk@S11")
    page = client.post("/admin/logout/")
    assert "您已安全退出" in page.content.decode()
    assert client.get("/admin/").status_code == 302
