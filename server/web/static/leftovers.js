// What an earlier page could not save is offered: taken back, it is sent as that page would have sent it, and the server shows
// it as it shows any form; or dropped.
const { forget, settle } = await import(document.querySelector('meta[name="words-kept"]').content);
const { staff } = document.body.dataset;
const place = document.querySelector("[data-keeping]");
const template = place.querySelector("[data-leftover]");

const takeBack = ({ fields, tab, turn }) => {
  const form = Object.assign(document.createElement("form"), { method: "post", action: "/ban-tin/soan", enctype: "multipart/form-data", hidden: true });
  const own = ["tab", "turn", "action"];
  for (const [name, value] of [...fields.filter(([each]) => !own.includes(each)), ["tab", tab], ["turn", turn], ["action", "keep"]]) {
    const field = document.createElement("textarea"); // an input would lose the ends of lines
    Object.assign(field, { name, value });
    form.append(field);
  }
  document.body.append(form);
  form.submit();
};

const when = (at) => {
  const [day, time] = [new Date(at).toLocaleDateString("vi-VN"), new Date(at).toLocaleTimeString("vi-VN", { hour: "2-digit", minute: "2-digit" })];
  return day === new Date().toLocaleDateString("vi-VN") ? time : `${time} ${day}`;
};

for (const record of (await settle(staff)).filter((each) => !each.offline && each.state === "unsent")) {
  const line = template.content.firstElementChild.cloneNode(true);
  const title = record.fields.find(([name]) => name === "title")?.[1];
  line.querySelector("strong").textContent = [when(record.at), title].filter(Boolean).join(": ");
  line.addEventListener("click", (event) => {
    const deed = event.target.closest("[data-do]")?.dataset.do;
    if (deed === "back") takeBack(record);
    if (deed === "drop") forget(staff, record.tab);
    if (deed) line.remove();
  });
  place.append(line);
}
