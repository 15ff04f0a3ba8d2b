<script>
const main = document.querySelector("main"), lost = main.nextElementSibling, source = new EventSource("events");
const show = event => { main.innerHTML = event.data; lost.hidden = true; };
source.addEventListener("run", show);
source.addEventListener("end", event => { source.close(); show(event); });
source.addEventListener("error", () => { lost.textContent = "The run does not answer any more."; lost.hidden = false; });
</script>
