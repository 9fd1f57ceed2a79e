using System.Text.Json;
using Unlearn.MLNet.Reports;

namespace Unlearn.MLNet.Hardness.Search;

/// <summary>Finished trials in a file, which is written anew after each. Settings that it has are not tried again.</summary>
internal sealed class SearchJournal
{
    private readonly string? _path;
    private readonly Content _content;
    private readonly Dictionary<TrainerSettings, Entry> _known;

    public sealed record Entry(TrainerSettings Settings, double Auc, double Seconds);

    private sealed record Content(string Rows, List<Entry> Trials);

    /// <exception cref="InvalidOperationException">The file is of other rows, folds or seeds, or is damaged.</exception>
    public SearchJournal(string? path, string rows)
    {
        _path = path;
        _content = path is not null && File.Exists(path) ? Read(path, rows) : new(rows, []);
        _known = _content.Trials.ToDictionary(trial => trial.Settings);
    }

    public Entry? Find(TrainerSettings settings) => _known.GetValueOrDefault(settings);

    public void Add(Entry trial)
    {
        _known.Add(trial.Settings, trial);
        _content.Trials.Add(trial);
        if (_path is not null)
            AtomicFile.Write(_path, stream => JsonSerializer.Serialize(stream, _content));
    }

    private static Content Read(string path, string rows)
    {
        Content? content;
        try
        {
            content = JsonSerializer.Deserialize<Content>(File.ReadAllBytes(path));
        }
        catch (JsonException cause)
        {
            throw new InvalidOperationException($"'{path}' holds no trials of a search: {cause.Message} Name another file, or delete it.", cause);
        }
        if (content is not { Rows: not null, Trials: { } trials } || trials.Any(trial => trial is null || !(trial.Auc is >= 0 and <= 1)))
            throw new InvalidOperationException($"'{path}' holds no trials of a search: name another file, or delete it.");
        return content.Rows == rows
            ? content
            : throw new InvalidOperationException(
                $"'{path}' is of a search with other factors, labels, groups, folds or another seed: name another file, or delete it.");
    }
}
