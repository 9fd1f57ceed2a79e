using System.Text.Json;
using Microsoft.ML;
using Unlearn.Cli.Loading;
using Unlearn.Cli.Models;
using Unlearn.Cli.Settings;
using Unlearn.Cli.Studies;
using Unlearn.Cli.Terminal;
using Unlearn.MLNet;
using Unlearn.Transforms;

namespace Unlearn.Cli.Erasures;

/// <summary>What <c>unlearn train</c> leaves: a workspace of erasures, and what opens it again without the data.</summary>
/// <param name="path">The folder.</param>
internal sealed class TrainedFolder(string path)
{
    private const string Marker = "erasure.json";
    private const string TestRowsName = "test-rows.idv";

    /// <summary>The folder.</summary>
    public string Path => path;

    /// <summary>The options that the model was trained by.</summary>
    public string Options => In(OptionsFile.Name);

    /// <summary>The ledger of the labels' trials.</summary>
    public string Ledger => In(StudyRun.Ledger);

    /// <summary>The rows that are not erased.</summary>
    public string Rows => In("rows.idv");

    /// <summary>Folder of the workspace. A workspace that was made elsewhere is its own.</summary>
    public string Workspace => File.Exists(In(Marker)) ? path : In("workspace");

    /// <summary>Whether the model is trained, and its workspace there.</summary>
    public bool IsReady => File.Exists(System.IO.Path.Combine(Workspace, Marker));

    private string Input => In("input.json");

    /// <summary>Checks that a model may be trained in the folder, or that its training may go on.</summary>
    /// <exception cref="IOException">Something else is in the folder.</exception>
    public void CheckNew()
    {
        if (IsReady)
            throw new IOException($"'{path}' has a trained model already: 'unlearn triage {path}' uses it. Name another folder by --out.");
        if (Directory.Exists(path) && Directory.EnumerateFileSystemEntries(path).Any() && !File.Exists(Input))
            throw new IOException($"'{path}' is not empty, and holds nothing that 'unlearn train' wrote: name another folder by --out.");
    }

    /// <summary>Checks that a workspace is there.</summary>
    /// <exception cref="IOException">There is none.</exception>
    public void CheckReady()
    {
        if (!IsReady)
            throw new FileNotFoundException(File.Exists(Input)
                ? $"The training in '{path}' was stopped: run the same 'unlearn train' again, which goes on."
                : $"'{path}' is no folder of a trained model: name one that 'unlearn train' wrote.");
    }

    /// <summary>Keeps what later commands need: options, the model's input, and the rows.</summary>
    public void Write(MLContext context, SettingValues settings, LoadedData data)
    {
        Files.Write(Input, JsonSerializer.Serialize(data.Input));
        Files.Write(Options, OptionsFile.Of(settings));
        RowFile.Write(context, Rows, data.Rows.Rows, data.Rows.ClassNames, data.Table);
        RowFile.Write(context, In(TestRowsName), data.Rows.TestRows, data.Rows.ClassNames, table: null);
    }

    /// <summary>Begins the workspace.</summary>
    public ErasureWorkspace Create(MLContext context, ITarget model, IDataView labels, ErasurePolicy policy)
    {
        // A training that was stopped here.
        if (Directory.Exists(Workspace))
            Directory.Delete(Workspace, recursive: true);
        return ErasureWorkspace.Create(context, Workspace, RowFile.Read(context, Rows), model, labels, ErasuresOf(context, policy));
    }

    /// <summary>Opens the workspace.</summary>
    /// <exception cref="IOException">There is none.</exception>
    /// <exception cref="InvalidDataException">A file of the folder is damaged or missing.</exception>
    public ErasureWorkspace Open(MLContext context, ErasurePolicy policy)
    {
        CheckReady();
        if (new[] { Options, Input, Rows, In(TestRowsName) }.FirstOrDefault(file => !File.Exists(file)) is { } missing)
            throw new InvalidDataException($"'{missing}' is missing, without which the model cannot be retrained: restore it from a backup.");
        return ErasureWorkspace.Open(context, Workspace, RowFile.Read(context, Rows), ErasuresOf(context, policy));
    }

    /// <summary>Rewrites the file of the rows without those that are erased.</summary>
    public void DropErased(MLContext context, ErasureWorkspace workspace) =>
        RowFile.KeepOnly(context, Rows, workspace.RowIds.ToHashSet(StringComparer.Ordinal));

    private ErasureOptions ErasuresOf(MLContext context, ErasurePolicy policy)
    {
        SettingValues own = new();
        OptionsFile.Read(Options, own);
        return new()
        {
            Recipe = ModelNames.Find(own.Text(KnownSettings.Model) ?? "").Recipe(ReadInput(), TableLoader.ModelOf(own)),
            Policy = policy,
            TestData = RowFile.Read(context, In(TestRowsName)),
            DerivedFiles = [Ledger, $"{Ledger}-wal", $"{Ledger}-shm"],
            Seed = own.Integer(KnownSettings.Seed) ?? 1,
        };
    }

    private ModelInput ReadInput()
    {
        try
        {
            return JsonSerializer.Deserialize<ModelInput>(File.ReadAllText(Input)) is { Features: > 0, Classes: > 1 } input
                ? input
                : throw new JsonException();
        }
        catch (JsonException damaged)
        {
            throw new InvalidDataException($"'{Input}' is damaged: restore it from a backup.", damaged);
        }
    }

    private string In(string name) => System.IO.Path.Combine(path, name);
}
