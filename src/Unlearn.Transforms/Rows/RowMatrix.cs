using TorchSharp;
using Unlearn.Transforms.Numerics;

namespace Unlearn.Transforms.Rows;

/// <summary>
/// Numbers of rows, which are added in order and then read in blocks: a tensor in memory, or a temporary file. A file holds <c>float32</c>, which has all
/// whole numbers up to 2²⁴.
/// </summary>
internal sealed class RowMatrix : IDisposable
{
    private readonly torch.ScalarType _type;
    private readonly FeatureFile? _file;
    private int _added;

    /// <summary>A matrix without rows yet.</summary>
    /// <param name="count">Rows to come.</param>
    /// <param name="width">Numbers of a row.</param>
    /// <param name="folder">Folder of the file; <see langword="null"/> for memory.</param>
    /// <param name="type">Type of the numbers.</param>
    public RowMatrix(long count, long width, string? folder, torch.ScalarType type = torch.ScalarType.Float32)
    {
        (Count, Width, _type) = (count, width, type);
        if (folder is not null)
            _file = FeatureFile.Temporary(folder, checked((int)width));
        else
            Tensor = torch.zeros([count, width], type).DetachFromDisposeScope();
    }

    public long Count { get; }

    public long Width { get; }

    /// <summary>The matrix in memory; <see langword="null"/> where it is in a file.</summary>
    public torch.Tensor? Tensor { get; }

    /// <summary>Adds the next rows.</summary>
    public void Add(torch.Tensor rows)
    {
        using var scope = torch.NewDisposeScope();
        var count = (int)rows.shape[0];
        if (_file is null)
            Tensor!.narrow(0, _added, count).copy_(rows);
        else
        {
            var values = FloatSpan.Of(rows.detach().cpu().to(torch.ScalarType.Float32).contiguous());
            for (var row = 0; row < count; row++)
                _file.Add(values.Slice(row * _file.Width, _file.Width));
        }
        _added += count;
        if (_added == Count)
            _file?.Flush(); // several threads may read from now on
    }

    /// <summary>Consecutive rows: in memory a view.</summary>
    public torch.Tensor Slice(long start, long count) => _file is null ? Tensor!.narrow(0, start, count) : _file.Copy((int)start, (int)count).to(_type);

    /// <summary>Some rows, by their positions.</summary>
    public torch.Tensor Select(torch.Tensor positions) =>
        _file is null ? Tensor!.index_select(0, positions) : _file.Copy(positions.data<long>().ToArray()).to(_type);

    public void Dispose()
    {
        _file?.Dispose();
        Tensor?.Dispose();
    }
}
