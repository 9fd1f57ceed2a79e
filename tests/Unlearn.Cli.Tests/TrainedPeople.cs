using Xunit;

namespace Unlearn.Cli.Tests;

/// <summary>A small trained model, whose folder tests copy.</summary>
public sealed class TrainedPeople : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private int _copies;

    public string Table { get; private set; } = "";

    /// <summary>Hash of the model.</summary>
    public string ModelHash { get; private set; } = "";

    /// <summary>Command line of the training, into a folder.</summary>
    public string[] Arguments(string folder) =>
    [
        "train", Table, "--label", "income", "--model", "mlp", "--hidden", "8", "--epochs", "3", "--rows", "120", "--maximum-trials", "40",
        "--calibration", "no", "--out", folder,
    ];

    public string File(string name) => _folder.File(name);

    public async ValueTask InitializeAsync()
    {
        Table = _folder.Write("people.csv", TestTables.People());
        var run = await Tool.RunAsync([.. Arguments(File("trained")), "--json"]);
        Assert.True(run.Code == 0, run.Errors);
        ModelHash = run.Json.GetProperty("modelHash").GetString()!;
    }

    /// <summary>A folder of its own for a test.</summary>
    public string Copy()
    {
        var (source, target) = (File("trained"), File($"copy-{Interlocked.Increment(ref _copies)}"));
        foreach (var file in Directory.GetFiles(source, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(target, Path.GetRelativePath(source, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            System.IO.File.Copy(file, copy);
        }
        Directory.CreateDirectory(Path.Combine(target, "workspace", "certificates"));
        return target;
    }

    public ValueTask DisposeAsync()
    {
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }
}
