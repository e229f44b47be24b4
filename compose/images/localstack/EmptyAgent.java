/** The Java agent that LocalStack names when it starts DynamoDB Local. It changes nothing. */
public final class EmptyAgent {
    private EmptyAgent() {}

    public static void premain(String arguments) {}
}
