"""The objects that a bot is given, in polling and by webhook alike."""

from .world import Chat, Json, Post


def event(name: str, post: Post, chat: Chat, *, sender: Json, date: int, body: Json) -> Json:
    """What happened in a chat; `date` is in milliseconds."""
    about = {"id": chat.id, "chat_type": chat.kind}
    told = {"message_id": post.message_id, "date": date, "from": sender, "chat": about}
    return {"event_name": f"message.{name}.received", "message": told | body}


def user(id_: str, name: str, *, is_bot: bool = False) -> Json:
    return {"id": id_, "display_name": name, "is_bot": is_bot}


def image(url: str, caption: str) -> Json:
    """Documented is "photo"; what really arrives is "photo_url"."""
    return {"photo_url": url} | ({"caption": caption} if caption else {})
