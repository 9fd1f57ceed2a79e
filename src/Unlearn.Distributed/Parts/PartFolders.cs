using Unlearn.Parquet;

namespace Unlearn.Distributed.Parts;

/// <summary>
/// A folder of Parquet files, and the folder of the transformed ones, whose names are made of theirs. The footer of a transformed file holds its part's
/// key: where that is right, the part is done.
/// </summary>
internal sealed class PartFolders
{
    private const string KeyName = "unlearn.part";
    private const string Ending = ".tmp";
    private const string Extension = ".parquet";

    private static int _writes;

    public PartFolders(string input, string output) => (Input, Output) = (Path.GetFullPath(input), Path.GetFullPath(output));

    public string Input { get; }

    public string Output { get; }

    /// <summary>Path of a part's file.</summary>
    public string InputOf(ParquetPart part) => Path.Combine(Input, Path.GetFileName(part.File));

    /// <summary>Refuses a part that is not what it was when the run began.</summary>
    /// <exception cref="FileNotFoundException">It is gone.</exception>
    /// <exception cref="InvalidDataException">It has another hash.</exception>
    public void CheckInput(ParquetPart part)
    {
        var path = InputOf(part);
        if (!File.Exists(path))
            throw new FileNotFoundException($"The part '{path}' is not there.", path);
        if (part.Slice.HashOf(path) is var found && found != part.Hash)
            throw new InvalidDataException($"The part '{path}' is not what it was when the run began: "
                + $"its row groups from {part.Slice.FirstGroup} on have SHA-256 {found}, not {part.Hash}. Run again when nobody writes to it.");
    }

    /// <summary>Whether the transformed rows of a part are there, whole.</summary>
    public bool IsDone(ParquetPart part) => File.Exists(OutputOf(part)) && KeyOf(OutputOf(part)) == part.Key;

    /// <summary>
    /// Writes the transformed rows of a part. The file appears when it is complete; of several writers the last one stays, with the same bytes.
    /// </summary>
    /// <param name="part">The part.</param>
    /// <param name="write">Writes to the stream, and the pairs into the footer.</param>
    public void Write(ParquetPart part, Action<Stream, IReadOnlyDictionary<string, string>> write)
    {
        // Other machines write to this folder, too.
        var temporary = Invariant($"{OutputOf(part)}.{Environment.MachineName}-{Environment.ProcessId}-{Interlocked.Increment(ref _writes)}{Ending}");
        try
        {
            using (var stream = new FileStream(temporary, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None))
            {
                write(stream, new Dictionary<string, string> { [KeyName] = part.Key });
                stream.Flush(flushToDisk: true);
            }
            File.Move(temporary, OutputOf(part), overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    /// <summary>
    /// Checks the folder of the transformed parts, makes it if there is none, and removes what other rows, other sizes of parts or another model have left.
    /// </summary>
    /// <returns>The parts that are done.</returns>
    /// <exception cref="IOException">It cannot be written to.</exception>
    /// <exception cref="InvalidOperationException">It holds Parquet files that are none of these parts.</exception>
    public IReadOnlyList<ParquetPart> Prepare(IReadOnlyList<ParquetPart> parts)
    {
        RequireWritable();
        var byName = parts.ToDictionary(part => part.Name, StringComparer.Ordinal);
        List<ParquetPart> done = [];
        List<string> outdated = [];
        foreach (var path in Directory.EnumerateFiles(Output, $"*{Extension}"))
        {
            var key = KeyOf(path);
            if (key is "" || !IsOfInput(Path.GetFileName(path)))
                throw new InvalidOperationException($"'{path}' is no transformed part of '{Input}': remove it, or name another folder.");
            if (byName.TryGetValue(Path.GetFileName(path), out var part) && key == part.Key)
                done.Add(part);
            else
                outdated.Add(path);
        }
        outdated.ForEach(File.Delete);
        return done;
    }

    /// <summary>Names of the transformed parts that are there.</summary>
    public IReadOnlySet<string> Outputs() =>
        Directory.EnumerateFiles(Output, $"*{Extension}").Select(path => Path.GetFileName(path)).ToHashSet(StringComparer.Ordinal);

    /// <summary>Removes what killed writers of parts have left. All parts must be done.</summary>
    public void RemoveLeftovers()
    {
        foreach (var leftover in Directory.EnumerateFiles(Output, $"*{Extension}.*{Ending}"))
            if (IsOfInput(Path.GetFileName(leftover[..(leftover.LastIndexOf($"{Extension}.", StringComparison.Ordinal) + Extension.Length)])))
                File.Delete(leftover);
    }

    private bool IsOfInput(string name) => PartNames.FilesOf(name).Any(file => File.Exists(Path.Combine(Input, file)));

    private string OutputOf(ParquetPart part) => Path.Combine(Output, Path.GetFileName(part.Name));

    // Empty where a file is whole and of somebody else, null where it was cut.
    private static string? KeyOf(string path)
    {
        try
        {
            return ParquetSource.Metadata(path).GetValueOrDefault(KeyName, "");
        }
        catch (InvalidDataException)
        {
            return null;
        }
    }

    private void RequireWritable()
    {
        try
        {
            Directory.CreateDirectory(Output);
            var trial = Path.Combine(Output, Invariant($"{Environment.MachineName}-{Environment.ProcessId}-{Interlocked.Increment(ref _writes)}{Ending}"));
            using var file = new FileStream(trial, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 1, FileOptions.DeleteOnClose);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new IOException(
                $"The folder '{Output}' cannot be written to [{failure.Message.TrimEnd('.')}]: name another one, or grant the right.", failure);
        }
    }
}
