using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.ML;
using Unlearn.MLNet.Erasure.Log;
using Unlearn.MLNet.Reports;
using Unlearn.Transforms;

namespace Unlearn.MLNet.Erasure.Storage;

/// <summary>The files of a workspace.</summary>
internal sealed class WorkspaceFolder
{
    private const int Format = 1;
    private const int KeyBytes = 32;
    private const string LabelsName = "labels.idv";

    private sealed record Settings(int Format, string Key, string Recipe, LabelFacts? Labels);

    private readonly Settings _settings;

    private WorkspaceFolder(string path, Settings settings) => (Path, _settings) = (path, settings);

    /// <summary>The folder.</summary>
    public string Path { get; }

    public string Log => In("log.jsonl");

    public string Labels => In(LabelsName);

    /// <summary>Keyed hashes of all rows' ids and contents.</summary>
    public string Rows => In("rows.txt");

    public string Models => In("models");

    public string Certificates => In("certificates");

    /// <summary>Text that tells how the model is trained.</summary>
    public string Recipe => _settings.Recipe;

    public RowHasher Hasher() => new(Convert.FromHexString(_settings.Key));

    /// <summary>The fitted pipeline that predicts for a model, fitted on a number of rows, with bounds of a confidence.</summary>
    public string Hardness(string modelHash, int rows, double confidence, double tolerance, int seed) =>
        In(Invariant($"{HardnessName(modelHash, rows)}{confidence:0.######}-{tolerance:0.######}-{seed}.zip"));

    /// <summary>All fitted pipelines, and what writers that were killed have left of them.</summary>
    public IReadOnlyList<string> AllHardness() => Directory.GetFiles(Path, "hardness-*");

    /// <summary>Fitted pipelines of other models, or of rows that were more.</summary>
    public IEnumerable<string> OldHardness(string modelHash, int rows) =>
        AllHardness().Where(file => !System.IO.Path.GetFileName(file).StartsWith(HardnessName(modelHash, rows), StringComparison.Ordinal)
            || file.EndsWith(".tmp", StringComparison.Ordinal));

    private static string HardnessName(string modelHash, int rows) => Invariant($"hardness-{modelHash[..16]}-{rows}-");

    /// <summary>Begins a workspace.</summary>
    /// <exception cref="ArgumentException">The folder holds something else.</exception>
    public static WorkspaceFolder Create(string path, ITrainingRecipe recipe, LabelFacts labels)
    {
        if (Directory.Exists(path) && Directory.EnumerateFileSystemEntries(path).Any())
            throw new ArgumentException(
                $"Folder '{path}' is not empty: {(File.Exists(System.IO.Path.Combine(path, "erasure.json")) ? "open the workspace in it" : "name another")}.",
                nameof(path));
        Directory.CreateDirectory(path);
        var settings = new Settings(Format, Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(KeyBytes)), recipe.Specification, labels);
        var folder = new WorkspaceFolder(path, settings);
        Directory.CreateDirectory(folder.Models);
        Directory.CreateDirectory(folder.Certificates);
        return folder;
    }

    /// <summary>Keeps other processes out until the stream is disposed.</summary>
    /// <exception cref="InvalidOperationException">Another process has the workspace open.</exception>
    public FileStream Hold()
    {
        try
        {
            return new(In("workspace.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException cause)
        {
            throw new InvalidOperationException($"Another process has the workspace '{Path}' open: wait for it, or close it.", cause);
        }
    }

    /// <summary>Writes the settings, which makes the folder a workspace: the last step of creating one.</summary>
    public void Commit()
    {
        AtomicFile.Write(In("erasure.json"), stream => JsonSerializer.Serialize(stream, _settings, ErasureJson.Indented));
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(In("erasure.json"), UnixFileMode.UserRead | UnixFileMode.UserWrite); // it holds the key
    }

    /// <summary>Opens a workspace.</summary>
    /// <exception cref="ArgumentException">The folder is no workspace, or of a newer version.</exception>
    public static WorkspaceFolder Open(string path)
    {
        var file = System.IO.Path.Combine(path, "erasure.json");
        if (!File.Exists(file))
            throw new ArgumentException($"Folder '{path}' is no workspace of erasures: it has no 'erasure.json'. Create one first.", nameof(path));
        try
        {
            var settings = JsonSerializer.Deserialize<Settings>(File.ReadAllBytes(file), ErasureJson.Options);
            return settings is { Format: Format, Key.Length: 2 * KeyBytes }
                ? new(path, settings)
                : throw new ArgumentException($"The workspace '{path}' is of format {settings?.Format}, this version reads {Format}.", nameof(path));
        }
        catch (JsonException cause)
        {
            throw new ArgumentException($"'{file}' is damaged: restore it from a backup.", nameof(path), cause);
        }
    }

    public void WriteLabels(MLContext context, StoredLabels labels) =>
        AtomicFile.Write(Labels, stream => context.Data.SaveAsBinary(labels.ToDataView(), stream));

    public StoredLabels ReadLabels(MLContext context) => StoredLabels.Read(context.Data.LoadFromBinary(Labels), "RowId", _settings.Labels);

    private string In(string name) => System.IO.Path.Combine(Path, name);
}
