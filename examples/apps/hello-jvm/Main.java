import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;

/** Answers / with a page and /health with UP, on PORT (8080). */
public class Main {
    public static void main(String[] arguments) throws IOException {
        int port = Integer.parseInt(System.getenv().getOrDefault("PORT", "8080"));
        HttpServer server = HttpServer.create(new InetSocketAddress(port), 0);
        server.createContext("/", exchange -> {
            boolean home = exchange.getRequestURI().getPath().equals("/");
            answer(exchange, home ? 200 : 404, "text/html; charset=utf-8", home ? page() : "Not found\n");
        });
        server.createContext("/health", exchange -> answer(exchange, 200, "application/json", "{\"status\":\"UP\"}\n"));
        server.start();
        System.out.println("hello-jvm listens on port " + server.getAddress().getPort());
    }

    private static String page() {
        return "<!doctype html>\n<html lang=\"en\">\n<title>Hello</title>\n<h1>Hello from Java "
            + Runtime.version().feature() + "</h1>\n</html>\n";
    }

    private static void answer(HttpExchange exchange, int status, String type, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", type);
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }
}
