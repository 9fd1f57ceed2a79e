namespace Unlearn.Transforms.Rows;

/// <summary>Positions of rows in batches, pass after pass without end.</summary>
internal interface IRowOrder
{
    /// <summary>Batches of one pass.</summary>
    int Count { get; }

    /// <summary>Rows of the largest batch.</summary>
    int Largest { get; }

    /// <summary>Positions of the next batch.</summary>
    int[] Next();
}
