namespace Unlearn.Cli.Tests;

/// <summary>A small table, and one study of it that several tests look at.</summary>
public sealed class PeopleStudy : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Lazy<Task<string>> _study;

    public PeopleStudy()
    {
        Table = _folder.Write("people.csv", TestTables.People());
        _study = new(async () =>
        {
            var folder = File("study");
            var run = await Tool.RunAsync([.. Arguments(folder)]);
            return run.Code == 0 ? folder : throw new InvalidOperationException(run.Errors);
        });
    }

    public string Table { get; }

    /// <summary>Folder of the study that ran without a stop.</summary>
    public Task<string> Folder => _study.Value;

    public string File(string name) => _folder.File(name);

    /// <summary>Command line of the study, in a folder.</summary>
    public string[] Arguments(string folder) =>
    [
        "study", Table, "--label", "income", "--model", "logistic", "--epochs", "4", "--unlearners", "EU,FT", "--trials", "20", "--rows", "110",
        "--out", folder,
    ];

    public void Dispose() => _folder.Dispose();
}
