using Microsoft.ML;
using TorchSharp;
using Unlearn.Transforms.Numerics;
using Unlearn.Transforms.Rows;

namespace Unlearn.Transforms;

/// <summary>
/// The rows that a target is trained on: ids, features and labels, held once and shared by every training. Rows are ordered by id
/// (as numbers where all ids are integers, else ordinally), so that no result depends on the order in which they were read.
/// </summary>
public sealed class TrainingRows : IDisposable
{
    private const int ValuesAtOnce = 1 << 18;

    private readonly Lazy<string> _contentHash;
    private readonly float[]? _values;
    private readonly FeatureFile? _file;
    private readonly torch.Tensor? _features;
    private readonly torch.Tensor _labels;

    internal TrainingRows(
        IReadOnlyList<string> ids, float[] features, int featureCount, long[] labels, int classCount, IReadOnlyList<string>? classNames = null,
        bool areTexts = false)
        : this(ids, labels, featureCount, classCount, classNames, areTexts)
    {
        _values = features;
        using var scope = torch.NewDisposeScope();
        _features = torch.from_array(features).view(ids.Count, featureCount).DetachFromDisposeScope(); // the array's own memory
    }

    // Takes over the file.
    private TrainingRows(
        IReadOnlyList<string> ids, FeatureFile file, long[] labels, int classCount, IReadOnlyList<string>? classNames, bool areTexts)
        : this(ids, labels, file.Width, classCount, classNames, areTexts) => _file = file;

    private TrainingRows(
        IReadOnlyList<string> ids, long[] labels, int featureCount, int classCount, IReadOnlyList<string>? classNames, bool areTexts)
    {
        AreTexts = areTexts;
        Ids = ids;
        FeatureCount = featureCount;
        ClassCount = classCount;
        ClassNames = ClassOrder.Usable(classNames, classCount);
        LabelValues = labels;
        using var scope = torch.NewDisposeScope();
        _labels = torch.from_array(labels).DetachFromDisposeScope(); // the array's own memory
        _contentHash = new(() => RowHash.Of(this));
    }

    /// <summary>Reads training rows from a data view.</summary>
    /// <param name="data">The data.</param>
    /// <param name="featureColumnName">
    /// Column of the features, a known-size vector of <see cref="float"/>; or of text, for targets that take texts. See <see cref="TextFeatures"/>.
    /// </param>
    /// <param name="labelColumnName">Column of the label, a key or a <see cref="bool"/>.</param>
    /// <param name="rowIdColumnName">Column of the row ids, text or integers, without repetition.</param>
    /// <param name="maximumTextLength">Largest number of characters of a text, from 1; each takes 4 bytes in every row.</param>
    /// <param name="storePath">
    /// Where to keep the features, rows × features × 4 bytes, if memory cannot hold them; results are the same. In a folder, they are in a file that is
    /// gone when the rows are disposed, or the process ends. Any other path names a file that stays, with ids and labels, for <see cref="FromFile"/>.
    /// </param>
    /// <exception cref="DirectoryNotFoundException">The folder of <paramref name="storePath"/> is not there.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or has the wrong type.</exception>
    /// <exception cref="InvalidOperationException">
    /// Fewer than 2 rows, a repeated row id, a missing label, a single class, a row with another number of features than the column, or a feature
    /// that is NaN or infinite.
    /// </exception>
    public static TrainingRows FromDataView(
        IDataView data, string featureColumnName = "Features", string labelColumnName = "Label", string rowIdColumnName = "RowId",
        int maximumTextLength = TextFeatures.DefaultLength, string? storePath = null) =>
        Read(data, featureColumnName, labelColumnName, rowIdColumnName, maximumTextLength, storePath, atRow: null);

    /// <summary>The same, with a call at every row.</summary>
    internal static TrainingRows Read(
        IDataView data, string featureColumnName, string labelColumnName, string rowIdColumnName, int maximumTextLength, string? storePath, Action? atRow)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentOutOfRangeException.ThrowIfLessThan(maximumTextLength, 1);
        TorchRuntime.EnsureAvailable();
        var columns = TargetColumns.FindAll(data.Schema, featureColumnName, labelColumnName, rowIdColumnName, maximumTextLength, nameof(data));
        var (ids, labels, values, file) = SortedRows.Read(data, columns, storePath, atRow);
        return file is not null
            ? new(ids, file, labels, columns.ClassCount, columns.ClassNames, columns.IsText)
            : new(ids, values!, columns.FeatureCount, labels, columns.ClassCount, columns.ClassNames, columns.IsText);
    }

    /// <summary>Opens rows that <see cref="FromDataView"/> stored in a file. The file is checked as a whole, stays, and must not change meanwhile.</summary>
    /// <param name="path">Path of the file.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">It is no file of training rows, or of another version, cut or damaged.</exception>
    public static TrainingRows FromFile(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        TorchRuntime.EnsureAvailable();
        var (file, content) = RowFile.Open(path);
        return new(content.Ids, file, content.Labels, content.ClassCount, content.ClassNames, content.AreTexts);
    }

    /// <summary>Ids of the rows, in order, without repetition.</summary>
    public IReadOnlyList<string> Ids { get; }

    /// <summary>Number of rows, at least 2.</summary>
    public int Count => Ids.Count;

    /// <summary>Whether the rows are texts; see <see cref="TextFeatures"/>.</summary>
    public bool AreTexts { get; }

    /// <summary>Number of feature values of a row.</summary>
    public int FeatureCount { get; }

    /// <summary>Number of classes, at least 2.</summary>
    public int ClassCount { get; }

    /// <summary>
    /// Names of the classes, in order: the values of the label's keys as invariant text, or <c>False</c> and <c>True</c>; <see langword="null"/>
    /// where keys have no values.
    /// </summary>
    public IReadOnlyList<string>? ClassNames { get; }

    /// <summary>
    /// Feature values, rows × <see cref="FeatureCount"/>, <c>float32</c>, on the CPU. Never change or dispose it. <see cref="SelectFeatures"/> works for
    /// rows in a file, too.
    /// </summary>
    /// <exception cref="InvalidOperationException">The features are in a file.</exception>
    public torch.Tensor Features => _features is not null
        ? Usable(_features)
        : throw new InvalidOperationException(
            $"The features of these {Count} rows are in a file, not in memory: read those of some rows by {nameof(SelectFeatures)} or {nameof(FeaturesAt)}.");

    /// <summary>Labels, <c>int64</c>, from 0, on the CPU. Never change or dispose it.</summary>
    public torch.Tensor Labels => Usable(_labels);

    /// <summary>SHA-256 over ids, labels and features, as lower-case hexadecimal digits.</summary>
    public string ContentHash => _contentHash.Value;

    /// <summary>Class of the row at a position, from 0.</summary>
    /// <param name="position">Position of the row.</param>
    public int LabelAt(int position) => (int)LabelValues[position];

    /// <summary>Feature values of the row at a position.</summary>
    /// <param name="position">Position of the row.</param>
    public ReadOnlySpan<float> FeaturesAt(int position)
    {
        if (_values is not null)
            return _values.AsSpan(position * FeatureCount, FeatureCount);
        var features = new float[FeatureCount];
        ReadFeatures(position, features);
        return features;
    }

    /// <summary>Feature values of some rows, positions × <see cref="FeatureCount"/>, <c>float32</c>, on the CPU.</summary>
    /// <param name="positions">Positions of the rows, <c>int64</c>, on the CPU, in any order.</param>
    public torch.Tensor SelectFeatures(torch.Tensor positions)
    {
        ArgumentNullException.ThrowIfNull(positions);
        return _file is null ? Features.index_select(0, positions) : Values.Copy(positions.data<long>().ToArray());
    }

    /// <summary>Feature values of consecutive rows: of rows in memory a view, which must not be changed.</summary>
    internal torch.Tensor SliceFeatures(int start, int count) =>
        _file is null ? Features.narrow(0, start, count) : Values.Copy(start, count);

    /// <summary>Where other numbers of so many rows belong: the folder of the file, or <see langword="null"/> for memory.</summary>
    internal string? StoreFolder => _file?.Folder;

    /// <summary>Reads feature values of consecutive rows, as many as have room.</summary>
    internal void ReadFeatures(int position, Span<float> values)
    {
        if (_file is null)
            _values!.AsSpan(position * FeatureCount, values.Length).CopyTo(values);
        else
        {
            ObjectDisposedException.ThrowIf(_labels.IsInvalid, this);
            ArgumentOutOfRangeException.ThrowIfNegative(position);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(position, Count - values.Length / FeatureCount);
            _file.Read(position, values);
        }
    }

    /// <summary>
    /// The rows as a data view, in order, with columns <c>RowId</c> (text), <c>Features</c> (vector, or text) and <c>Label</c> (key with
    /// <see cref="ClassNames"/> as values).
    /// </summary>
    /// <param name="mlContext">The ML context.</param>
    public IDataView ToDataView(MLContext mlContext)
    {
        ArgumentNullException.ThrowIfNull(mlContext);
        return RowView.Of(this, mlContext);
    }

    /// <summary>
    /// Number of rows that a model predicts at once, from 16 to 1024; wider rows get smaller batches. Networks for images compute dozens of values
    /// per feature. Values that leave the processor's caches, and memory that the C library requests from the system each time, cost more than a
    /// larger batch saves.
    /// </summary>
    internal int AtOnce => Math.Clamp(ValuesAtOnce / FeatureCount, 16, 1024);

    /// <summary>All feature values, row-major, as a new array.</summary>
    public float[] CopyFeatures()
    {
        var values = new float[checked(Count * FeatureCount)];
        ReadFeatures(0, values);
        return values;
    }

    /// <summary>The features, to be read block by block.</summary>
    internal IRowValues Values => new FeatureReader(this);

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_file is not null && !_labels.IsInvalid)
            _file.Dispose();
        _features?.Dispose();
        _labels.Dispose();
    }

    /// <summary>These rows with the classes of others, brought to their order by name; the same object where nothing changes. It shares the features.</summary>
    /// <param name="others">The other rows, such as those that a target was trained on.</param>
    /// <param name="what">What these rows are, for errors.</param>
    /// <exception cref="InvalidOperationException">A row has a class that the others lack.</exception>
    internal TrainingRows WithClassesOf(TrainingRows others, string what)
    {
        var numbers = ClassOrder.Map(ClassNames, others.ClassNames);
        for (var row = 0; row < Count; row++)
        {
            if (numbers is not null ? numbers[LabelAt(row)] == ClassOrder.Unknown : LabelAt(row) >= others.ClassCount)
                throw new InvalidOperationException(
                    $"Row '{Ids[row]}' of the {what} has class {(numbers is null ? LabelAt(row) + 1 : $"'{ClassNames![LabelAt(row)]}'")}, "
                    + $"but the classes of the training rows are {(numbers is null ? $"1 to {others.ClassCount}" : ClassOrder.Show(others.ClassNames!))}: "
                    + "leave such rows out, or train on all classes.");
        }
        if (numbers is null)
            return this;
        return Sharing(Array.ConvertAll(LabelValues, label => (long)numbers[label]), others.ClassCount, others.ClassNames);
    }

    /// <summary>A copy of some of the rows, which is in a file of its own where these are in one. A copy of all shares the features.</summary>
    /// <param name="positions">Their positions, ascending.</param>
    internal TrainingRows Only(int[] positions)
    {
        if (positions.Length == Count)
            return Sharing(LabelValues, ClassCount, ClassNames);
        string[] ids = [.. positions.Select(position => Ids[position])];
        long[] labels = [.. positions.Select(position => LabelValues[position])];
        if (_file is not null)
            return new(ids, _file.Copy(positions), labels, ClassCount, ClassNames, AreTexts);
        var features = new float[positions.Length * FeatureCount];
        for (var i = 0; i < positions.Length; i++)
            ReadFeatures(positions[i], features.AsSpan(i * FeatureCount, FeatureCount));
        return new(ids, features, FeatureCount, labels, ClassCount, ClassNames, AreTexts);
    }

    private TrainingRows Sharing(long[] labels, int classCount, IReadOnlyList<string>? classNames) => _file is not null
        ? new(Ids, _file.Shared(), labels, classCount, classNames, AreTexts)
        : new(Ids, _values!, FeatureCount, labels, classCount, classNames, AreTexts);

    internal long[] LabelValues { get; }

    /// <summary>Checks positions of rows to train on.</summary>
    /// <exception cref="ArgumentException">There is none, or one is not a row's.</exception>
    internal void CheckPositions(ReadOnlySpan<int> positions)
    {
        if (positions.IsEmpty)
            throw new ArgumentException("There is no row to train on.", nameof(positions));
        foreach (var position in positions)
            if ((uint)position >= (uint)Count)
                throw new ArgumentException($"Position {position} names no row: the {Count} rows have the positions 0 to {Count - 1}.", nameof(positions));
    }

    private sealed class FeatureReader(TrainingRows rows) : IRowValues
    {
        public int Count => rows.Count;

        public int Width => rows.FeatureCount;

        public void Read(int row, Span<float> values) => rows.ReadFeatures(row, values);
    }

    private torch.Tensor Usable(torch.Tensor tensor)
    {
        ObjectDisposedException.ThrowIf(tensor.IsInvalid, this);
        return tensor;
    }
}
